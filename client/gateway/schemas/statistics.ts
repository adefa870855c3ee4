import { z } from 'zod';
import type { ReplyKind } from '../../../activities/contract.ts';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import { channels } from '../../../workflows/journey/channels.ts';
import { evidenceKinds } from '../../../workflows/journey/context.ts';
import { sendOutcomes } from '../../../workflows/journey/replies.ts';
import { stallReasons } from '../../../workflows/journey/stall-reasons.ts';
import { noReplies } from '../../monitoring/provider-health.ts';
import { finalStates } from '../../journeys/closed-journey.ts';
import { resolutions } from '../../statistics/period.ts';
import { time } from './journey.ts';
import { counts } from './journeys.ts';

/** Request and response schemas of the statistics route. */

export const StatisticsQuery = z.strictObject({
  from: time
    .optional()
    .describe('The start, widened to a whole hour or day in UTC. Default: 24 hours or 30 days before `to`.'),
  to: time.optional().describe('The end. Default: now.'),
  resolution: z.enum(resolutions).optional().describe('`hour` (default) for at most 7 days, or `day` for at most 31.'),
});

/** An object of one schema for each key. */
function each<K extends string, S extends z.ZodType>(keys: readonly K[], schema: S): z.ZodObject<{ [P in K]: S }> {
  return z.object(Object.fromEntries(keys.map((key) => [key, schema])) as { [P in K]: S });
}

const milliseconds = z.number().nullable();

const cohort = {
  signUps: z.int().describe('The journeys that started.'),
  verified: counts(channels).describe('Of these, those with the channel verified by now.'),
  done: z.int().describe('Of these, those that are done by now.'),
};

const Reports = z
  .object({
    requests: z.int().describe('Requests to the provider.'),
    failed: z.int().describe('Requests without a usable reply: no reply, an error, the key refused, rate limited.'),
    replies: counts(Object.keys(noReplies) as ReplyKind[]),
    p50: milliseconds.describe('The median duration of the requests, in milliseconds, rounded up to a class.'),
    p95: milliseconds.describe(
      'The 95th percentile of the duration of the requests, in milliseconds, rounded up to a class.',
    ),
    sends: each(channels, counts(sendOutcomes)).describe('The sends by channel and outcome.'),
    verified: each(channels, counts(evidenceKinds)).describe('The verifications by channel and evidence.'),
    stalled: counts(stallReasons).describe('How often journeys stalled, by reason.'),
  })
  .nullable()
  .describe('What workers have reported; `null` before the first report, and while no worker answers.')
  .meta({ id: 'Reports' });

const AccountStatistics = z.object({
  ...cohort,
  timeToVerified: z
    .object({
      count: z.int().describe('The journeys that were verified in the period, whenever they started.'),
      p50: milliseconds.describe('Milliseconds; `null` if there are none.'),
      p95: milliseconds,
    })
    .describe('From the sign-up to done.'),
});
const Accounts = each(accountTypes, AccountStatistics);

export const Statistics = z.object({
  from: time,
  to: time,
  resolution: z.enum(resolutions),
  points: z
    .array(
      z.object({
        at: time.describe('The start of the hour or day.'),
        ...cohort,
        ends: counts(finalStates).describe('The journeys that ended then, by final state.'),
        reports: Reports,
      }),
    )
    .describe('One for each hour or day, the oldest first. The last one may not be over.'),
  accounts: Accounts.describe('By account type: the journeys that signed up in the period.'),
  reports: Reports,
  previous: z
    .object({ from: time, to: time, accounts: Accounts, reports: Reports })
    .describe('The period before, of the same length.'),
  reportsSince: time.nullable().describe('The first hour for which workers have reported; `null` if there is none.'),
  notes: z.array(z.string()).describe('The limits of these figures.'),
  asOf: time,
});
