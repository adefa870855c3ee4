import { z } from 'zod';
import { commandFacts, lifecycleActions } from '../../../workflows/journey/commands.ts';
import type { CommandName } from '../../../workflows/journey/commands.ts';
import type { Actor } from '../../../workflows/journey/actor.ts';
import { AccountType, Channel, Status, time } from '../../../workflows/journey/status/status-schema.ts';
import { findTextProblem } from '../../../workflows/journey/status/text.ts';
import { isTimeZone } from '../../config/quiet-hours.ts';
import { explainInvalidUserId } from '../../validation.ts';

export { AccountType, Allowed, State, Status, time } from '../../../workflows/journey/status/status-schema.ts';

/** Request and response schemas of the journey routes. Validation, types and the OpenAPI document derive from them. */

export const actors = ['app', 'operator', 'temporal', 'onward'] as const satisfies readonly Actor['role'][];

export const Reason = z
  .string()
  .trim()
  .min(1, 'must have 1 to 500 characters')
  .max(500, 'must have 1 to 500 characters')
  .superRefine((text, context) => {
    const message = findTextProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .describe('The reason. It appears in the timeline and in the audit log.');

/** Validated by the facade, whose error explains what is wrong; only described here. */
export const UserParams = z.object({
  id: z
    .string()
    .describe(
      'Your id of the user, the one under which the user is registered at sFOX: 1 to 128 characters of `A-Z a-z 0-9 . _ : -`, not `.` or `..`.',
    ),
});

export const StartBody = z
  .strictObject({
    accountType: AccountType,
    firstEmail: z.enum(['send', 'alreadySent']).optional().describe('Overrides the policy.'),
    smsStart: z.enum(['automatic', 'onRequest']).optional().describe('Overrides the policy.'),
    timeZone: z
      .string()
      .refine(isTimeZone, { error: 'must be an IANA time zone such as Europe/London' })
      .optional()
      .describe("The user's time zone, for quiet hours. Default: that of the policy."),
  })
  .meta({ examples: [{ accountType: 'individual' }, { accountType: 'business', firstEmail: 'alreadySent' }] });

export const CodeBody = z
  .strictObject({
    channel: Channel,
    code: z
      .string()
      .describe('4 to 10 decimal digits of any script, as people paste them: spaces and dashes are ignored.'),
  })
  .meta({ examples: [{ channel: 'email', code: '482915' }] });

export const CodeOutcome = z
  .object({ outcome: z.enum(['verified', 'incorrect']), status: Status })
  .describe('The code was checked. For a channel that is already verified, the outcome is `verified`.');
export const CodePending = z
  .object({ outcome: z.literal('pending') })
  .describe('No outcome within 15 seconds. Repeat the request with the same `Idempotency-Key` to get it.');

export const ReasonBody = z.strictObject({ reason: Reason }).meta({ examples: [{ reason: 'requested by the user' }] });

export const SupersedeBody = z
  .strictObject({
    newUserId: z
      .string()
      .refine((userId) => explainInvalidUserId(userId) === undefined, {
        // The audit log records it, so it must be an id.
        error: ({ input }) => explainInvalidUserId(String(input)),
      })
      .describe('The id under which the person is registered again at sFOX, by the rules of every user id.'),
    reason: Reason,
    channel: Channel.optional().describe(
      'The channel whose address or number changes: its counters start at zero. Only for operators. By default the counters of all channels are carried over.',
    ),
  })
  .meta({ examples: [{ newUserId: 'ada-2', ...lifecycleActions.supersede.example }] });

/** The schema of a command's body, which may be missing if all of its arguments are optional. */
export function commandBody(name: CommandName) {
  const { channel, reason, example } = commandFacts(name);
  const fields = {
    ...(channel === 'required' && { channel: Channel }),
    ...(channel === 'optional' && {
      channel: Channel.optional().describe('The channel. Default: the current one.'),
    }),
    ...(reason === 'required' && { reason: Reason }),
    ...(reason === 'optional' && { reason: Reason.optional() }),
  };
  const body = z.strictObject(fields) as z.ZodType<{ channel?: z.output<typeof Channel>; reason?: string }>;
  const isOptional = channel !== 'required' && reason !== 'required';
  return (isOptional ? body.nullish() : body).meta({ examples: [example] });
}

export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

export const StatusQuery = z.strictObject({
  after: wholeNumber(0, 999_999_999)
    .optional()
    .describe('Respond when the revision differs from this one, or when `wait` is over.'),
  wait: wholeNumber(0, 60).optional().describe('With `after`: the number of seconds to wait, at most 60. Default: 30.'),
});

export const TimelineQuery = z.strictObject({
  include: z.literal('status').optional().describe('Include the status after each entry.'),
});

export const TimelineEntry = z.object({
  at: time,
  what: z.string(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
});

export const Timeline = z.object({
  items: z.array(
    z
      .object({
        ...TimelineEntry.shape,
        status: Status.nullable()
          .optional()
          .describe(
            'With `include=status`: the status after this entry; `null` where it is unknown, such as before a restart.',
          ),
      })
      .meta({ examples: [{ at: '2026-01-31T09:30:00.000Z', what: 'Started', by: null, reason: null }] }),
  ),
});

export const Erased = z.object({
  userId: z.string(),
  erased: z.literal(true),
  digest: z.string().describe('SHA-256 of the user id, by which the audit log names the user.'),
  remains: z.array(z.string()).describe('The data that is not deleted, and how to find it.'),
});

export const EventReply = z
  .object({
    userId: z.string().nullable(),
    journey: z
      .enum(['started', 'existing', 'ignored'])
      .describe(
        '`started`: this event started the journey. `existing`: the journey exists already. `ignored`: the event has another type or is older than `journeyLife`.',
      ),
  })
  .describe('The event is stored durably.')
  .meta({ examples: [{ userId: 'ada', journey: 'started' }] });
