import { z } from 'zod';
import { channels, forEachChannel } from '../channels.ts';
import { commandTypes } from '../commands.ts';
import type { CommandType } from '../commands.ts';
import { evidenceKinds, steps } from '../context.ts';
import { accountTypes } from '../account-types.ts';
import { stallReasons } from '../stall-reasons.ts';
import { states } from '../states.ts';

/**
 * The schema of a journey's status. Its type, the gateway's response, the types of its client and the OpenAPI document are derived from it.
 * Workflows import only the types, so that no bundle contains Zod.
 *
 * A field of the status is `null` if the status comes from the server and the server does not know it.
 */

export const time = z.iso
  .datetime()
  .describe('RFC 3339, in UTC')
  .meta({ examples: ['2026-01-31T09:30:00.000Z'] });

export const State = z.enum(states);
export const Channel = z.enum(channels);
export const AccountType = z.enum(accountTypes);

const when = z.object({ channel: Channel.optional(), at: time.optional() }).optional();

export const Allowed = z
  .object(Object.fromEntries(commandTypes.map((type) => [type, when])) as { [C in CommandType]: typeof when })
  .describe(
    'The commands that this caller can send. With `at`, the command is accepted from that time on; without it, now.',
  );

const ChannelStatus = z
  .object({
    status: z.enum(['waiting', 'pending', 'verified', 'notNeeded']),
    evidence: z.enum(evidenceKinds).nullable(),
    sends: z.int().describe('The number of codes that were sent, or may have been sent.'),
    lastSend: z
      .object({
        outcome: z.enum(['sent', 'notSent', 'unknown', 'alreadyVerified']),
        at: time,
        to: z
          .string()
          .nullable()
          .describe('The address or number, masked.')
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

const waiting = { status: 'waiting', evidence: null, sends: 0, lastSend: null, guessesLeft: 5 };

const fields = {
  userId: z.string(),
  accountType: AccountType.nullable(),
  state: State,
  step: z.enum(steps).nullable(),
  revision: z.int().nullable().describe('The number of visible changes so far.'),
  live: z
    .boolean()
    .describe(
      'False while no worker runs. The status is then read from search attributes, and some fields are `null`.',
    ),
  startedAt: time,
  updatedAt: time.nullable(),
  expiresAt: time.nullable().describe('`null` while the expiry is suspended, and after the end of the journey.'),
  ...forEachChannel(() => ChannelStatus.nullable()),
  stalled: z
    .object({
      reason: z.enum(stallReasons),
      since: time,
      detail: z.string().nullable(),
      nextRetryAt: time.nullable(),
    })
    .nullable(),
  provider: z
    .object({
      status: z
        .string()
        .nullable()
        .describe('As sFOX gives it: `PENDING`, `VERIFIED`, `UNSUPPORTED`; `null` if the record has none.'),
      open: z.array(z.string()).describe('Everything that sFOX still requires, by its own names.'),
      asOf: time.describe('When the record was read, RFC 3339, in UTC'),
    })
    .nullable()
    .describe(
      'What the record of the user at sFOX said when Onward last read it; `null` if Onward has not read it, and while no worker runs.',
    ),
  offered: z
    .object({ channel: Channel, since: time })
    .nullable()
    .describe(
      'A code that became due after the user had left, or in quiet hours. It is sent at their next `visit` or `resend`.',
    ),
  supersededBy: z
    .string()
    .nullable()
    .describe('The user id whose journey has superseded this one. `null` if there is none.'),
  supersedes: z
    .string()
    .nullable()
    .describe('The user id whose journey this one has superseded. `null` if there is none.'),
  allowed: Allowed.nullable(),
};

type Unknown = { [K in keyof typeof fields as null extends z.output<(typeof fields)[K]> ? K : never]: null };

/** The fields that may be `null`, as `null`. */
export const unknownFields = Object.fromEntries(
  Object.entries(fields)
    .filter(([, schema]) => schema.safeParse(null).success)
    .map(([name]) => [name, null]),
) as Unknown;

export const Status = z
  .object(fields)
  .describe('The onboarding status of a user.')
  .meta({
    id: 'Status',
    examples: [
      {
        ...unknownFields,
        userId: 'ada',
        accountType: 'individual',
        state: 'emailPending',
        step: 'awaitingCode',
        revision: 2,
        live: true,
        startedAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
        expiresAt: '2026-02-07T09:30:00.000Z',
        ...forEachChannel((channel) => (channel === 'email' ? pending : waiting)),
        allowed: { submitCode: { channel: 'email' }, resend: { at: '2026-01-31T09:30:30.000Z' }, recheck: {} },
      },
    ],
  });

export type Allowed = z.output<typeof Allowed>;
export type ChannelStatus = z.output<typeof ChannelStatus>;
export type Status = z.output<typeof Status>;
export type StallStatus = NonNullable<Status['stalled']>;
