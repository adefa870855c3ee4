import { z } from 'zod';
import { AccountType } from '../../workflows/journey/status/status-schema.ts';

/** The form of an exported journey: a file that `test/exported/` runs as a test. */

export const EXPORT_FORMAT = 'onward-export/1';

export const JourneyExport = z
  .object({
    format: z.literal(EXPORT_FORMAT),
    machineVersion: z.int().min(1).describe('The version of the state machine that has exported the journey.'),
    start: z
      .looseObject({ userId: z.string(), accountType: AccountType, at: z.int(), policy: z.looseObject({}) })
      .describe('The input of the machine, anonymised.'),
    entries: z.array(z.looseObject({ type: z.string(), at: z.int() })).describe('The events, without codes.'),
    stored: z.looseObject({}).describe('The state as a workflow stores it, which migrations read.'),
    status: z.looseObject({ state: z.string(), revision: z.int() }).describe('The status that the events lead to.'),
  })
  .describe('A journey up to a moment, anonymised, as a test.')
  .meta({ id: 'JourneyExport' });

export type JourneyExport = z.output<typeof JourneyExport>;
