import { z } from 'zod';
import { accountTypes, channels, stallReasons, steps } from '../../workflows/context.ts';
import type { Actor } from '../../workflows/events.ts';
import { states } from '../../workflows/status.ts';
import { plain, PLAIN_ADVICE } from '../errors.ts';

/** What the doors take and give. From these come the checks, the types and the OpenAPI document. */

export const actors = ['app', 'operator', 'temporal', 'onward'] as const satisfies readonly Actor['role'][];

export const time = z.iso
  .datetime()
  .describe('RFC 3339, in UTC')
  .meta({ examples: ['2026-01-31T09:30:00.000Z'] });

export const State = z.enum(states as [(typeof states)[number], ...(typeof states)[number][]]);
const Channel = z.enum(channels);
export const AccountType = z.enum(accountTypes);

export const Reason = z
  .string()
  .trim()
  .min(1, 'say why, in 1 to 500 characters')
  .max(500, 'say why, in 1 to 500 characters')
  .regex(plain, PLAIN_ADVICE)
  .describe('Why, in an operator’s own words; it stands in the timeline and in the audit log.');

/** Checked by the facade, whose message gives the right advice for an address; here only described. */
export const UserParams = z.object({
  id: z
    .string()
    .describe('Your own id of the user, the one that sFOX knows: 1 to 128 of `A-Z a-z 0-9 . _ : -`, not `.` or `..`.'),
});

const when = z.object({ channel: Channel.optional(), at: time.optional() }).optional();

export const Allowed = z
  .object({
    submitCode: when,
    resend: when,
    recheck: when,
    retry: when,
    pause: when,
    resume: when,
    cancel: when,
    override: when,
  })
  .describe('What this caller may tell the journey: `at` says from when on, and without it the time is now.');

const ChannelStatus = z
  .object({
    status: z.enum(['waiting', 'pending', 'verified', 'notNeeded']),
    evidence: z.enum(['code', 'provider', 'operator']).nullable(),
    sends: z.int().describe('Sends that went out or may have.'),
    lastSend: z
      .object({
        outcome: z.enum(['sent', 'notSent', 'unknown', 'alreadyVerified']),
        at: time,
        to: z
          .string()
          .nullable()
          .describe('Where to, masked.')
          .meta({ examples: ['a•••@e•••', '•••44'] }),
      })
      .nullable(),
    guessesLeft: z.int(),
  })
  .meta({ id: 'ChannelStatus' });

const pending = {
  status: 'pending',
  evidence: null,
  sends: 1,
  lastSend: { outcome: 'sent', at: '2026-01-31T09:30:00.000Z', to: 'a•••@e•••' },
  guessesLeft: 5,
};

export const Status = z
  .object({
    userId: z.string(),
    accountType: AccountType.nullable(),
    state: State,
    step: z.enum(steps).nullable(),
    revision: z.int().nullable().describe('Counts the changes that can be seen.'),
    live: z.boolean().describe('False while no worker runs: then the server tells what it knows itself.'),
    startedAt: time,
    updatedAt: time.nullable(),
    expiresAt: time.nullable().describe('`null` while the journey’s life stands still, and after its end.'),
    email: ChannelStatus.nullable(),
    sms: ChannelStatus.nullable(),
    stalled: z
      .object({
        reason: z.enum(stallReasons),
        since: time,
        detail: z.string().nullable(),
        nextRetryAt: time.nullable(),
      })
      .nullable(),
    allowed: Allowed.nullable(),
  })
  .describe('A user’s onboarding status.')
  .meta({
    id: 'Status',
    examples: [
      {
        userId: 'ada',
        accountType: 'individual',
        state: 'emailPending',
        step: 'awaitingCode',
        revision: 2,
        live: true,
        startedAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
        expiresAt: '2026-02-07T09:30:00.000Z',
        email: pending,
        sms: { status: 'waiting', evidence: null, sends: 0, lastSend: null, guessesLeft: 5 },
        stalled: null,
        allowed: { submitCode: { channel: 'email' }, resend: { at: '2026-01-31T09:30:30.000Z' }, recheck: {} },
      },
    ],
  });

export const StartBody = z
  .strictObject({
    accountType: AccountType,
    firstEmail: z.enum(['send', 'alreadySent']).optional().describe('Overrides the policy.'),
    smsStart: z.enum(['automatic', 'onRequest']).optional().describe('Overrides the policy.'),
  })
  .meta({ examples: [{ accountType: 'individual' }, { accountType: 'business', firstEmail: 'alreadySent' }] });

export const CodeBody = z
  .strictObject({
    channel: Channel,
    code: z
      .string()
      .regex(/^\d{4,10}$/, 'a code has 4 to 10 digits, as a string')
      .describe('4 to 10 digits.'),
  })
  .meta({ examples: [{ channel: 'email', code: '482915' }] });

export const CodeOutcome = z
  .object({ outcome: z.enum(['verified', 'incorrect']), status: Status })
  .describe('The code was judged. A channel that is verified already answers `verified`.');
export const CodePending = z
  .object({ outcome: z.literal('pending') })
  .describe('No outcome in 15 s: ask again under the same `Idempotency-Key` to collect it.');

export const ReasonBody = z.strictObject({ reason: Reason }).meta({ examples: [{ reason: 'asked for by the user' }] });
export const RecheckBody = z.strictObject({ reason: Reason.optional() }).nullish();
export const ResendBody = z
  .strictObject({
    channel: Channel.optional().describe('The one that is due where none is named.'),
    reason: Reason.optional(),
  })
  .nullish()
  .meta({ examples: [{ channel: 'sms' }] });
export const OverrideBody = z
  .strictObject({ channel: Channel, reason: Reason })
  .meta({ examples: [{ channel: 'email', reason: 'passport was shown' }] });

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `a whole number, ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `a whole number, ${least} to ${most}`);

export const StatusQuery = z.strictObject({
  after: wholeNumber(0, 999_999_999)
    .optional()
    .describe('Answer once the revision is another than this one, or the wait is over.'),
  wait: wholeNumber(0, 60).optional().describe('With `after`: how many seconds to wait, at most 60. Default: 30.'),
});

export const TimelineQuery = z.strictObject({
  stood: z.literal('true').optional().describe('Tell as well how the journey stood after each line.'),
});

export const Timeline = z.object({
  items: z.array(
    z
      .object({
        at: time,
        what: z.string(),
        by: z.string().nullable(),
        reason: z.string().nullable(),
        stood: Status.nullable()
          .optional()
          .describe('With `stood=true`: the status then; `null` where nobody can tell, such as before a restart.'),
      })
      .meta({ examples: [{ at: '2026-01-31T09:30:00.000Z', what: 'Started', by: null, reason: null }] }),
  ),
});

export const Erased = z.object({ userId: z.string(), erased: z.literal(true) });

export const EventReply = z
  .object({
    userId: z.string().nullable(),
    journey: z
      .enum(['started', 'existing', 'ignored'])
      .describe('`ignored`: of another type, or older than a journey may live.'),
  })
  .describe('Temporal has it.')
  .meta({ examples: [{ userId: 'ada', journey: 'started' }] });
