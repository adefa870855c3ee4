import { z } from 'zod';
import { forEachChannel } from '../../../workflows/journey/channels.ts';
import { stallReasons } from '../../../workflows/journey/stall-reasons.ts';
import { MAX_SELECTED_USERS, searchableSteps } from '../../../workflows/search-attributes.ts';
import { states } from '../../../workflows/journey/status/status.ts';
import { explainInvalidUserId } from '../../validation.ts';
import { blockerKinds } from '../../monitoring/blockers.ts';
import { undeliveredStates } from '../../../workflows/contract.ts';
import { AccountType, State, time, wholeNumber } from './journey.ts';

/** Request and response schemas of the routes that list journeys. */

/** Selects journeys that match every field. */
export const filter = {
  state: State.optional(),
  step: z.enum(searchableSteps).optional(),
  reason: z.enum(stallReasons).optional(),
  accountType: AccountType.optional(),
  userId: z.string().optional(),
  sinceBefore: time.optional().describe('Only journeys whose state, step and reason have not changed since this time.'),
};

/** A user id in a body. It is checked before the audit log records the filter, since an address must not be in the log. */
export const UserId = z.string().superRefine((text, context) => {
  const message = explainInvalidUserId(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** The filter of bulk operations, which can also select users by their ids. */
export const bulkFilter = {
  ...filter,
  userId: UserId.optional(),
  userIds: z
    .array(UserId)
    .min(1)
    .max(MAX_SELECTED_USERS)
    .readonly()
    .optional()
    .describe(`Only these users, at most ${MAX_SELECTED_USERS}: a selection of people.`),
};

/** Also by the beginning of the user id, for display only. */
const search = {
  ...filter,
  userIdPrefix: z
    .string()
    .optional()
    .describe(
      'Only users whose id starts with this. Ignores case where Temporal’s database does (SQLite, MySQL), so a bulk operation does not take it.',
    ),
};

export const CountQuery = z.strictObject(search);
export const Count = z.object({ count: z.int() });

export const ListQuery = z.strictObject({
  ...search,
  limit: wholeNumber(1, 200).optional().describe('1 to 200. Default: 50.'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,4096}$/, "must be the 'next' of a page")
    .optional()
    .describe('The `next` of the previous page.'),
});
/** Pagination without a filter. */
export const PageQuery = ListQuery.pick({ limit: true, cursor: true });

export const JourneyPage = z.object({
  items: z.array(
    z.object({
      userId: z.string(),
      accountType: AccountType.nullable(),
      state: State,
      step: z.enum(searchableSteps).nullable(),
      reason: z.enum(stallReasons).nullable(),
      since: time,
      startedAt: time,
    }),
  ),
  next: z.string().nullable().describe('The cursor of the next page; `null` on the last page.'),
});

/** A count for each key, including those that are 0. */
export const counts = <K extends string>(keys: readonly K[]) =>
  z.object(Object.fromEntries(keys.map((key) => [key, z.int()])) as { [P in K]: z.ZodInt });

const limitUse = z.object({
  sent: z.int().describe('Codes that were sent, or may have been.'),
  limit: z.int(),
  until: time.describe('The end of the hour or day.'),
});
const SendBudgetUse = z.object(forEachChannel(() => z.object({ hour: limitUse, day: limitUse })));

export const Summary = z.object({
  total: z.int(),
  states: counts(states),
  steps: counts(searchableSteps),
  reasons: counts(stallReasons),
  blockers: z
    .array(
      z.object({
        kind: z.enum(blockerKinds),
        journeys: z
          .int()
          .nullable()
          .describe('`null` for a kind that counts no journeys, such as `providerFailing`: read `description`.'),
        description: z.string().nullable().describe('A sentence for people; `null` if this blocker is not present.'),
        since: time.nullable().describe('The time since when it is present; `null` if unknown.'),
        action: z.string().nullable().describe('What an operator can do; `null` if nothing needs to be done.'),
      }),
    )
    .describe('What blocks journeys, by who can resolve it. The most severe comes first.'),
  sendBudget: SendBudgetUse.nullable().describe(
    'The codes that all users together were sent in this hour and day (UTC), and the most that the policy allows; `null` while no worker reports.',
  ),
  webhooks: counts(undeliveredStates).describe(
    'The status changes that were not delivered: retried for more than a minute, and given up.',
  ),
  asOf: time,
});

export const Undelivered = z.object({
  items: z.array(
    z.object({
      id: z.string().describe('The `webhook-id`.'),
      userId: z.string(),
      revision: z.int(),
      state: z.enum(undeliveredStates),
      attempts: z.int(),
      lastAttemptAt: time.nullable(),
      problem: z.string().nullable(),
      nextAttemptAt: time.nullable(),
    }),
  ),
  next: z.string().nullable(),
});

export const Resent = z.object({ id: z.string() });
