import { z } from 'zod';
import { commandUpdates } from '../../workflows/contract.ts';
import type { CommandName } from '../../workflows/contract.ts';
import { operationOutcomes } from '../../workflows/operation/contract.ts';
import { time } from './schemas.ts';

export const ForecastQuery = z.strictObject({
  command: z.enum(Object.keys(commandUpdates) as [CommandName, ...CommandName[]]),
});

/** What came of a command for one user, or would. */
export const outcome = {
  outcome: z
    .enum(operationOutcomes)
    .describe(
      '`sends`: the provider is asked for a code. `taken`: carried out, and no code is asked for. `verified`: the journey is done. `unanswered`: the journey did not answer in time.',
    ),
  until: time.nullable().describe('With `overLimit`: from when on it would be taken.'),
  why: z.string().nullable(),
};
export const Forecast = z.object(outcome);
