import { z } from 'zod';
import { operationOutcomes, operationResults, operationStates } from '../../../workflows/bulk-operation/contract.ts';
import { undeliveredStates } from '../../../workflows/contract.ts';
import { journeyOperationCommands, operationCommands } from '../../../workflows/journey/commands.ts';
import type { BulkOperation } from '../../bulk-operations/read-operation.ts';
import { bulkFilter, counts, UserId } from './journeys.ts';
import { outcome } from './command-preview.ts';
import { actors, Reason, time } from './journey.ts';
import { PolicyDocument } from './policy-document.ts';

/** Request and response schemas of the bulk operation and recovery routes. */

export const Actor = z.object({ role: z.enum(actors), name: z.string() });
export const Act = z.object({ at: time, by: Actor, reason: z.string() }).describe('Who did it, when and why.');

const command = z.enum(operationCommands);
const perSecond = z.number().positive().max(100).describe('Journeys or webhooks per second.');
const undelivered = { state: z.enum(undeliveredStates).optional(), userId: UserId.optional() };

export const BulkOperationBody = z
  .strictObject({
    command: z.enum(journeyOperationCommands),
    policy: PolicyDocument.optional().describe('With `adoptPolicy`: the policy file that open journeys adopt.'),
    filter: z
      .strictObject(bulkFilter)
      .describe('The journeys to which the command applies. An empty filter is refused.'),
    expected: z
      .int()
      .min(1)
      .describe(
        'The number of matching journeys that you expect. If the actual number differs, the request is refused with that number.',
      ),
    perSecond: perSecond.optional(),
    dryRun: z.boolean().optional().describe('Report the expected outcome for each user without applying the command.'),
    dryRunId: z
      .string()
      .optional()
      .describe(
        'The id of a completed dry run with the same command and filter. Required unless `dryRun` is true. The command is applied only to its users that still match; the outcomes name who came or went. `expected` is then the number of its users.',
      ),
    reason: Reason,
  })
  .meta({
    examples: [
      {
        command: 'retry',
        filter: { step: 'stalled' },
        expected: 312,
        dryRun: true,
        reason: 'sFOX was unavailable until 3:40',
      },
    ],
  });

export const ResendBody = z
  .strictObject({
    filter: z.strictObject(undelivered).describe('The undelivered webhooks to send again. An empty filter is refused.'),
    perSecond: perSecond.optional(),
    reason: Reason,
  })
  .meta({ examples: [{ filter: { state: 'givenUp' }, reason: 'our receiver was down until 3:40' }] });

export const DecisionBody = z
  .strictObject({
    digest: z
      .string()
      .describe('The `digest` of the operation as you have read it. With another one, nothing is decided.'),
    reason: Reason,
  })
  .meta({ examples: [{ digest: '9cV2c0yPz0nqO1mVqv6bYyq1W6k1Jx3k2n3yX5m8t7E', reason: 'checked with the on-call' }] });

export const OperationId = z
  .object({ id: z.string() })
  .meta({ examples: [{ id: '0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7' }] });

const operation = {
  id: z.string(),
  command,
  policy: PolicyDocument.nullable().describe('The policy of `adoptPolicy`; otherwise `null`.'),
  filter: z.object(bulkFilter).describe('The journeys; empty with `resendWebhooks`.'),
  webhooks: z
    .object(undelivered)
    .nullable()
    .describe('The undelivered webhooks of `resendWebhooks`; otherwise `null`.'),
  expected: z.int(),
  perSecond,
  dryRun: z.boolean(),
  dryRunId: z.string().nullable().describe('The dry run whose users the command was for; `null` if none was named.'),
  by: Actor,
  reason: z.string(),
  at: time,
  digest: z.string().describe('Identifies the request. An approval is valid only for this digest.'),
  approval: z
    .object({
      above: z.int().describe('An operation for more journeys than this needs an approval.'),
      until: time.describe('Without a decision until then, the operation expires.'),
      decision: z
        .object({ decision: z.enum(['approved', 'rejected']), at: time, by: Actor, reason: z.string() })
        .nullable()
        .describe('Who approved or rejected it, when and why; `null` without a decision.'),
    })
    .nullable()
    .describe('The approval by another operator; `null` if the operation needs none.'),
  state: z
    .enum(operationStates)
    .describe(
      '`awaitingApproval`: nothing is sent until an operator other than `by` approves it. `rejected` and `expired`: it was not approved, and nothing was sent. `stopping`: commands in flight are finished first.',
    ),
  total: z.int().nullable().describe('The number of matching users or webhooks; `null` until they have been listed.'),
  done: z.int(),
  results: counts(operationResults).describe(
    'The number of users, or of webhooks, by result. `applied`: the command was applied, or the receiver has accepted the webhook. `refused`: it was not; `outcomes` counts the reasons. `unanswered`: there was no reply in time, and it may still be applied. In a dry run, the expected results.',
  ),
  outcomes: counts(operationOutcomes),
  stopped: Act.nullable(),
  note: z.string().nullable().describe('Why no command was sent; otherwise `null`.'),
  updatedAt: time,
} satisfies { readonly [K in keyof BulkOperation]: z.ZodType };

export const Operation = z.object(operation).meta({ id: 'Operation' });

export const OperationPage = z.object({
  items: z.array(Operation),
  unreadable: z
    .array(z.string())
    .describe(
      'The ids of operations of this page that cannot be read: their encryption key was retired, or something other than Onward wrote them.',
    ),
  next: z.string().nullable().describe('The cursor of the next page; `null` on the last page.'),
});

export const OperationReport = z
  .object({
    ...operation,
    overlaps: z
      .array(
        z.object({
          id: z.string(),
          command,
          by: Actor,
          at: time,
          users: z.int().describe('The number of users that are in both, as far as the other has listed its users.'),
        }),
      )
      .describe('In a completed dry run: the operations that are running now and act on some of its users.'),
    items: z
      .array(
        z.object({
          userId: z.string(),
          ...outcome,
          webhook: z
            .object({ id: z.string().describe('The `webhook-id`.'), revision: z.int() })
            .optional()
            .describe('With `resendWebhooks`: the status change.'),
        }),
      )
      .describe('The outcome for each user or webhook; in a dry run, the expected one.'),
    next: z.string().nullable().describe('The cursor of the next page; `null` if there is none, or none yet.'),
  })
  .meta({ id: 'OperationReport' });

const recoveryStates = ['probing', 'draining', 'waiting', 'idle'] as const;

export const RecoveryStatus = z
  .object({
    state: z
      .enum([...recoveryStates, 'paused'])
      .describe(
        '`probing`: up to three canary journeys are retried. `draining`: the provider responds, and the other journeys are retried at `pace`. `waiting`: the provider does not respond yet. `idle`: no journey needs a retry.',
      ),
    settings: z.object({
      every: z.int().describe('The interval between two runs, in milliseconds.'),
      perSecond: z.number(),
      upToPerSecond: z.number(),
    }),
    nextRunAt: time.nullable().describe('`null` while paused.'),
    run: z
      .object({
        state: z.enum(recoveryStates),
        startedAt: time,
        canary: z.string().nullable().describe('The user of the most recent canary journey.'),
        pace: z.number().nullable().describe('Journeys per second; `null` before the canary has a result.'),
        done: z.int(),
        notAnswered: z.int().describe('The number of journeys that stay stalled.'),
        offered: z.int().describe('The number of journeys whose code waits for the next visit of the user.'),
        remaining: z.int(),
        outcome: z.string().nullable(),
        triggered: Act.nullable(),
      })
      .nullable()
      .describe('The most recent run; `null` before the first.'),
    acts: z
      .object({ paused: Act.nullable(), resumed: Act.nullable(), triggered: Act.nullable() })
      .describe('The most recent action of each kind.'),
    refusals: z
      .array(z.object({ text: z.string(), journeys: z.int() }))
      .readonly()
      .describe(
        'The texts with which the provider refuses users, most frequent first, among the 50 newest refusals. Recovery does not retry them.',
      ),
  })
  .meta({ id: 'RecoveryStatus' });
