import { z } from 'zod';
import { commandNames } from '../../../workflows/journey/commands.ts';
import { operationOutcomes } from '../../../workflows/bulk-operation/contract.ts';
import { time } from './journey.ts';

export const PreviewQuery = z.strictObject({
  command: z.enum(commandNames),
});

/** The actual or expected result of a command for one user. */
export const outcome = {
  outcome: z
    .enum(operationOutcomes)
    .describe(
      '`sends`: applied, and the provider sends a code. `applied`: applied without sending a code. `verified`: the journey is done. `limited`: a cool-down or a send limit applies, see `until`. `invalidState`: not allowed in the current state, see `why`. `unanswered`: the journey did not respond in time. `undelivered`: the receiver has not accepted the webhook, see `why`.',
    ),
  until: time.nullable().describe('With `limited`: the time from which the command is accepted.'),
  why: z.string().nullable(),
};
export const CommandPreview = z.object(outcome);
