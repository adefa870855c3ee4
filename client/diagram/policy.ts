import ms from 'ms';
import type { StallReason } from '../../workflows/context.ts';
import { defaultPolicy, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import { code, table } from './table.ts';

const sources = {
  own: 'our own',
  provider: 'sFOX mails a code itself on registration, or does not',
  times: 'Twilio Verify, NIST SP 800-63B and OWASP ASVS 5.0 all give a code ten minutes',
  sends: 'Twilio Verify sends five times in ten minutes; the day is our own',
  guesses: 'Twilio Verify takes five tries a code; NIST SP 800-63B allows an account a hundred in a row at most',
  cooldowns: "Twilio's sample of a retry button waits from 30 s to 2 minutes",
} as const;

/** What each key of the policy limits, and where its default comes from. */
const keys: { readonly [K in keyof Policy]: readonly [means: string, source: string] } = {
  firstEmail: [
    'whether the journey sends the first e-mail code, or waits for the one mailed already',
    sources.provider,
  ],
  smsStart: ['whether the first text goes out by itself', sources.own],
  retrySendFor: ['how long a send that does not reach the provider is tried again', sources.own],
  callTimeout: ['how long the provider may take over one request', sources.own],
  cooldowns: ['the wait after the first, second, … send; the last one stays', sources.cooldowns],
  sends: ['codes that go out on a channel; one whose outcome is unknown counts', sources.sends],
  guesses: ['wrong tries', sources.guesses],
  codeLife: ['how long a code is assumed to live; never a reason to refuse one', sources.times],
  reminderAfter: ['the silence after which one reminder goes out', sources.own],
  journeyLife: ['how long a journey may take; stands still while stalled or paused', sources.own],
};

/** The policy's defaults and where they come from. */
export function policyTable(): string {
  const rows = Object.entries(keys).map(([key, [means, source]]) => [
    code(key),
    worded(defaultPolicy[key as keyof Policy]),
    means,
    source,
  ]);
  return table(['key', 'default', 'limits', 'where from'], rows);
}

const spans: Readonly<Record<string, string>> = {
  per10Minutes: 'in 10 minutes',
  perDay: 'a day',
  perCode: 'a code',
  perChannel: 'a channel',
};

function worded(value: Policy[keyof Policy]): string {
  if (typeof value === 'string') return code(value);
  if (typeof value === 'number') return ms(value, { long: true });
  if (Array.isArray(value)) return value.map((span: number) => `${span / SECOND} s`).join(', ');
  return Object.entries(value)
    .map(([key, count]) => `${String(count)} ${spans[key] ?? key}`)
    .join(', ');
}

/** What each stall reason means. */
export const stallMeanings: { readonly [R in StallReason]: string } = {
  providerUnavailable: 'sFOX was not reached in time, or its answer got lost twice',
  providerRefused: 'sFOX says no, and asking again would not change it',
  credentials: 'sFOX refuses the key, for every user alike',
  rateLimited: 'sFOX has been asked too often for longer than a send is tried',
  sendLimit: 'a send is due, and the policy has no room for it yet',
};

/** What each delay of the machine waits for. */
export const delayMeanings: Readonly<Record<string, string>> = {
  journeyLife: 'the end of the life of the journey',
  reminderAfter: 'the reminder, once a channel',
  codeLifeAfterUnknown: "the one resend after an unknown outcome, a code's life after it",
  cooldown: 'the cool-down of a send that is due',
  sendLimit: 'room under the send limit, where a send is due',
};
