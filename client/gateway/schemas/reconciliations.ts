import { z } from 'zod';
import { differences, reconciliationOutcomes } from '../../../workflows/reconciliation/contract.ts';
import type { Reconciliation as Shown } from '../../reconciliation/read.ts';
import { Act, Actor } from './bulk-operations.ts';
import { counts } from './journeys.ts';
import { Reason, time } from './journey.ts';

/** Request and response schemas of the reconciliation routes. */

export const ReconciliationBody = z
  .strictObject({
    dryRun: z.boolean().optional().describe('Report the action for each user without carrying it out.'),
    reason: Reason,
  })
  .meta({ examples: [{ dryRun: true, reason: 'events were lost on Sunday' }] });

export const ReconciliationId = z
  .object({ id: z.string() })
  .meta({ examples: [{ id: '0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7' }] });

const difference = z
  .enum(differences)
  .describe(
    'How sFOX and Onward differ about the user. `noJourney`: registered at sFOX and not verified, without a journey. `verified`: verified at sFOX, and the journey is open. `unsupported`: sFOX does not serve the person. `supported`: the journey is stalled as `unsupported`, and sFOX serves the person again. `partlyVerified`: the e-mail is verified at sFOX, and the journey waits for its code. `notRegistered`: the journey is open, and sFOX does not list the user.',
  );
const outcome = z
  .enum(reconciliationOutcomes)
  .describe(
    'The action, or in a dry run the expected one. `started`: a journey, which waits for the code that sFOX mailed on registration. `later`: started at `until`, unless the sign-up event arrives before. `existing`: a journey was started in the meantime. `rechecked`: the record at sFOX was requested. `verified`: the journey was done already. `reported`: nothing. `invalidState`: the journey accepts no recheck now, see `why`. `limited`: it does from `until` on. `unanswered`: the journey did not respond in time.',
  );

const reconciliation = {
  id: z.string(),
  dryRun: z.boolean(),
  graceFor: z.int().describe('How long a user without a journey waits for the sign-up event, in milliseconds.'),
  perSecond: z.number().describe('Journeys per second that are started or rechecked.'),
  by: Actor,
  reason: z.string(),
  at: time,
  state: z
    .enum(['running', 'waiting', 'stopping', 'stopped', 'failed', 'done'])
    .describe(
      '`waiting`: for the end of `graceFor`. `stopping`: commands in flight are finished first. `failed`: the list of users could not be read to its end, see `note`.',
    ),
  users: z.int().nullable().describe('The number of users that sFOX lists; `null` until the list has been read.'),
  unreadable: z.int().describe('Users of the list whose record or id Onward cannot read.'),
  total: z.int().nullable().describe('The number of differences to act on; `null` until they are known.'),
  done: z.int(),
  differences: counts(differences),
  outcomes: counts(reconciliationOutcomes),
  waiting: z.int().describe('Users without a journey that wait for the end of `graceFor`.'),
  waitingUntil: time.nullable(),
  stopped: Act.nullable(),
  note: z.string().nullable().describe('Why it ended early; otherwise `null`.'),
  updatedAt: time,
} satisfies { readonly [K in keyof Shown]: z.ZodType };

export const Reconciliation = z.object(reconciliation).meta({ id: 'Reconciliation' });

export const ReconciliationPage = z.object({
  items: z.array(Reconciliation),
  next: z.string().nullable().describe('The cursor of the next page; `null` on the last page.'),
});

export const ReconciliationReport = z
  .object({
    ...reconciliation,
    items: z
      .array(z.object({ userId: z.string(), difference, outcome, until: time.nullable(), why: z.string().nullable() }))
      .describe('The action for each user; in a dry run, the expected one.'),
    next: z.string().nullable().describe('The cursor of the next page; `null` if there is none, or none yet.'),
  })
  .meta({ id: 'ReconciliationReport' });
