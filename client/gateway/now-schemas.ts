import { z } from 'zod';
import type { ReplyKind } from '../../activities/contract.ts';
import { listedSteps } from '../../workflows/listing.ts';
import { queueUses } from '../pollers.ts';
import type { QueueUse } from '../pollers.ts';
import { noReplies } from '../pulse.ts';
import { counts, Summary } from './listing-schemas.ts';
import { Operation, RecoveryStatus } from './operators-schemas.ts';
import { State, time } from './schemas.ts';

const replyKinds = Object.keys(noReplies) as ReplyKind[];

/** What the door to everything at one glance gives. */
export const Now = z
  .object({
    summary: Summary,
    standing: z
      .array(
        z.object({
          state: State,
          oldest: time
            .nullable()
            .describe(
              'Since when the one stands there who has stood there longest; `null` as well while that is looked for.',
            ),
          steps: counts(listedSteps),
        }),
      )
      .describe('Of each open state.'),
    provider: z
      .object({
        replies: counts(replyKinds),
        minutes: z
          .array(z.object({ at: time, sends: z.int(), replies: counts(replyKinds) }))
          .describe('The last fifteen, the oldest first; the last one is still running.'),
        lastGoodAt: time.nullable().describe('When the provider last judged a request.'),
      })
      .nullable()
      .describe(
        'What the provider has answered to all workers over the last 15 minutes; `null` while no worker tells.',
      ),
    limits: z.object({ sendsPerMinute: z.number().describe('By the gateway’s policy.') }),
    workers: z.array(
      z.object({
        use: z.enum(queueUses as [QueueUse, ...QueueUse[]]),
        queue: z.string(),
        workers: z.int().describe('That poll now.'),
        silence: z.int().nullable().describe('Milliseconds since the last poll; `null` where nobody has ever polled.'),
      }),
    ),
    recovery: RecoveryStatus.nullable().describe('`null` before the setup has made its Schedule.'),
    operations: z.array(Operation).describe('The newest.'),
    asOf: time,
  })
  .meta({ id: 'Now' });
