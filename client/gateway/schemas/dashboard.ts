import { z } from 'zod';
import type { ReplyKind } from '../../../activities/contract.ts';
import { searchableSteps } from '../../../workflows/search-attributes.ts';
import { troubleKinds } from '../../../workflows/provider-health/contract.ts';
import { queueUses } from '../../monitoring/pollers.ts';
import type { QueueUse } from '../../monitoring/pollers.ts';
import { noReplies } from '../../monitoring/provider-health.ts';
import { counts, Summary } from './journeys.ts';
import { Operation, RecoveryStatus } from './bulk-operations.ts';
import { Reconciliation } from './reconciliations.ts';
import { State, time } from './journey.ts';

const replyKinds = Object.keys(noReplies) as ReplyKind[];

/** Response schemas of the dashboard route. */
export const Dashboard = z
  .object({
    summary: Summary,
    byState: z
      .array(
        z.object({
          state: State,
          oldest: time
            .nullable()
            .describe(
              'The time when the longest-waiting journey entered this state; `null` if there is none or while it is being determined.',
            ),
          steps: counts(searchableSteps),
        }),
      )
      .describe('The open states.'),
    provider: z
      .object({
        replies: counts(replyKinds),
        minutes: z
          .array(z.object({ at: time, sends: z.int(), replies: counts(replyKinds) }))
          .describe('The last fifteen minutes, oldest first. The last one is not complete.'),
        lastGoodAt: time.nullable().describe('The time of the last request that the provider processed.'),
        troubles: z
          .array(
            z.object({
              kind: z.enum(troubleKinds),
              since: time.describe('The start, to the minute.'),
              failed: z.int().describe('The number of recent requests that failed in this way.'),
              requests: z.int().describe('The number of all recent requests.'),
            }),
          )
          .describe('The ways in which the provider fails for several users at once, the most severe first.'),
      })
      .nullable()
      .describe('The replies of the provider to all workers over the last 15 minutes; `null` while no worker reports.'),
    limits: z.object({ sendsPerMinute: z.number().describe('The limit of the gateway’s policy.') }),
    workers: z.array(
      z.object({
        use: z.enum(queueUses as [QueueUse, ...QueueUse[]]),
        queue: z.string(),
        workers: z.int().describe('The number of workers that poll now.'),
        silence: z.int().nullable().describe('Milliseconds since the last poll; `null` if no worker has ever polled.'),
      }),
    ),
    recovery: RecoveryStatus.nullable().describe('`null` before `onward setup` has created the Schedule.'),
    reconciliation: Reconciliation.nullable().describe(
      'The newest reconciliation that was not a dry run; `null` if there is none.',
    ),
    operations: z.array(Operation).describe('The most recent operations.'),
    asOf: time,
  })
  .meta({ id: 'Now' });
