import { z } from 'zod';
import { stallReasons } from '../../workflows/context.ts';
import { listedSteps } from '../../workflows/listing.ts';
import { states } from '../../workflows/status.ts';
import { stuckKinds } from '../stuck.ts';
import { AccountType, State, time, wholeNumber } from './schemas.ts';

/** What the doors to many journeys take and give. */

/** Which journeys: every field narrows. */
export const filter = {
  state: State.optional(),
  step: z.enum(listedSteps).optional(),
  reason: z.enum(stallReasons).optional(),
  accountType: AccountType.optional(),
  userId: z.string().optional(),
  sinceBefore: time.optional().describe('Whose state, step and reason are so since before this time.'),
};

export const CountQuery = z.strictObject(filter);
export const Count = z.object({ count: z.int() });

export const ListQuery = z.strictObject({
  ...filter,
  limit: wholeNumber(1, 200).optional().describe('1 to 200. Default: 50.'),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,4096}$/, "a cursor is the 'next' of a page")
    .optional()
    .describe('The `next` of the page before.'),
});
/** A page of what is not filtered. */
export const PageQuery = ListQuery.pick({ limit: true, cursor: true });

export const Listing = z.object({
  items: z.array(
    z.object({
      userId: z.string(),
      accountType: AccountType.nullable(),
      state: State,
      step: z.enum(listedSteps).nullable(),
      reason: z.enum(stallReasons).nullable(),
      since: time,
      startedAt: time,
    }),
  ),
  next: z.string().nullable().describe('Where the next page begins; `null` on the last.'),
});

/** A count for each key, also where it is 0. */
export const counts = <K extends string>(keys: readonly K[]) =>
  z.object(Object.fromEntries(keys.map((key) => [key, z.int()])) as { [P in K]: z.ZodInt });

export const Summary = z.object({
  total: z.int(),
  states: counts(states),
  steps: counts(listedSteps),
  reasons: counts(stallReasons),
  stuck: z
    .array(
      z.object({
        kind: z.enum(stuckKinds),
        journeys: z.int(),
        words: z.string().nullable().describe('In plain words; `null` where it is not so.'),
      }),
    )
    .describe('Why nothing happens, told apart by who can do something about it; the gravest first.'),
  asOf: time,
});

export const Undelivered = z.object({
  items: z.array(
    z.object({
      id: z.string().describe('The `webhook-id`.'),
      userId: z.string(),
      revision: z.int(),
      state: z.enum(['retrying', 'givenUp']),
      attempts: z.int(),
      lastAttemptAt: time.nullable(),
      problem: z.string().nullable(),
      nextAttemptAt: time.nullable(),
    }),
  ),
  next: z.string().nullable(),
});

export const Resent = z.object({ id: z.string() });
