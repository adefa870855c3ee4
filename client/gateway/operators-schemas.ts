import { z } from 'zod';
import { bulkCommands, operationOutcomes } from '../../workflows/operation/contract.ts';
import type { Operation as Ordered } from '../operation.ts';
import { counts, filter } from './listing-schemas.ts';
import { outcome } from './outcome-schemas.ts';
import { actors, Reason, time } from './schemas.ts';

/** What the doors of bulk operations and of recovery take and give. */

const Actor = z.object({ role: z.enum(actors), name: z.string() });
const Act = z.object({ at: time, by: Actor, reason: z.string() }).describe('Who, when and why.');

const command = z.enum(bulkCommands);
const perSecond = z.number().positive().max(100).describe('Journeys a second.');

export const OperationBody = z
  .strictObject({
    command,
    filter: z.strictObject(filter).describe('Which journeys; an empty filter is refused.'),
    expected: z.int().min(1).describe('How many journeys you saw: another count is refused, and the real one named.'),
    perSecond: perSecond.optional(),
    dryRun: z.boolean().optional().describe('Tell nobody anything, and say what would come of it.'),
    reason: Reason,
  })
  .meta({
    examples: [
      {
        command: 'retry',
        filter: { step: 'stalled' },
        expected: 312,
        dryRun: true,
        reason: 'sFOX was away until 3:40',
      },
    ],
  });

export const OperationId = z
  .object({ id: z.string() })
  .meta({ examples: [{ id: '0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7' }] });

const operation = {
  id: z.string(),
  command,
  filter: z.object(filter),
  expected: z.int(),
  perSecond,
  dryRun: z.boolean(),
  by: Actor,
  reason: z.string(),
  at: time,
  state: z.enum(['running', 'stopping', 'stopped', 'done']).describe('`stopping`: what is in flight ends first.'),
  total: z.int().nullable().describe('How many users it is about; `null` until they have been gathered.'),
  done: z.int(),
  outcomes: counts(operationOutcomes),
  stopped: Act.nullable(),
  note: z.string().nullable().describe('Why nothing was done.'),
  updatedAt: time,
} satisfies { readonly [K in keyof Ordered]: z.ZodType };

export const Operation = z.object(operation).meta({ id: 'Operation' });

export const OperationPage = z.object({
  items: z.array(Operation),
  next: z.string().nullable().describe('Where the next page begins; `null` on the last.'),
});

export const OperationReport = z
  .object({
    ...operation,
    items: z
      .array(z.object({ userId: z.string(), ...outcome }))
      .describe('What came of it by user; in a dry run, what would.'),
    next: z.string().nullable().describe('Where the next page begins; `null` where there is none, or none yet.'),
  })
  .meta({ id: 'OperationReport' });

const recoveryStates = ['probing', 'draining', 'waiting', 'idle'] as const;

export const RecoveryStatus = z
  .object({
    state: z
      .enum([...recoveryStates, 'paused'])
      .describe(
        '`probing`: a canary is tried. `draining`: the provider is back, and the others go at a pace. `waiting`: it is not back. `idle`: nothing is left to do.',
      ),
    settings: z.object({
      every: z.int().describe('Milliseconds between two runs.'),
      perSecond: z.number(),
      upToPerSecond: z.number(),
    }),
    nextRunAt: time.nullable().describe('`null` while paused.'),
    run: z
      .object({
        state: z.enum(recoveryStates),
        startedAt: time,
        canary: z.string().nullable().describe('The user who is tried first.'),
        pace: z.number().nullable().describe('Journeys a second; `null` before the canary was judged.'),
        done: z.int(),
        notJudged: z.int().describe('Journeys that stay stalled.'),
        left: z.int(),
        outcome: z.string().nullable(),
        triggered: Act.nullable(),
      })
      .nullable()
      .describe('The newest run; `null` before the first.'),
    acts: z
      .object({ paused: Act.nullable(), resumed: Act.nullable(), triggered: Act.nullable() })
      .describe('The newest act of each kind.'),
  })
  .meta({ id: 'RecoveryStatus' });
