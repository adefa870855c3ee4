import ms from 'ms';
import type { DelayName } from '../../../workflows/journey/events.ts';
import type { StallReason } from '../../../workflows/journey/stall-reasons.ts';
import { defaultCommandLimits, defaultPolicy, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { code, table } from '../markdown.ts';

const sources = {
  own: 'Onward',
  provider: 'whether sFOX mails a code on registration',
  times: 'Twilio Verify, NIST SP 800-63B and OWASP ASVS 5.0: ten minutes for a code',
  sends: 'Twilio Verify: five sends in ten minutes; the daily limit is set by Onward',
  guesses:
    'Twilio Verify: five attempts per code; NIST SP 800-63B: at most one hundred consecutive failures per account',
  cooldowns: "Twilio's retry button sample: 30 s to 2 minutes",
} as const;

/** The meaning of each policy key and the source of its default. */
const keys: { readonly [K in keyof Policy]-?: readonly [means: string, source: string] } = {
  firstEmail: [
    'whether the journey sends the first e-mail code, or expects the one that sFOX has sent already',
    sources.provider,
  ],
  smsStart: ['whether the first text message is sent automatically', sources.own],
  retrySendFor: ['how long a send that does not reach the provider is retried', sources.own],
  unknownUserFor: ['how long a send is retried for a user that sFOX does not know yet', sources.own],
  callTimeout: ['timeout of one request to the provider', sources.own],
  cooldowns: ['the wait after the first, second, … send; the last value applies to all later sends', sources.cooldowns],
  sends: ['codes sent on a channel; a send whose outcome is unknown counts', sources.sends],
  guesses: ['incorrect codes', sources.guesses],
  commands: [
    "a user's commands per role, and rechecks of all roles; more are rejected with `Retry-After`",
    sources.own,
  ],
  codeLife: ['assumed lifetime of a code; never a reason to reject one', sources.times],
  reminderAfter: ['time without activity after which one reminder is sent', sources.own],
  journeyLife: ['how long a journey may take; suspended while stalled or paused', sources.own],
  automaticSends: [
    'how long after their last action a user gets a code that they have not asked for, and the hours without such codes',
    sources.own,
  ],
};

const defaults: Required<Policy> = { commands: defaultCommandLimits, ...defaultPolicy };

/** Renders the policy's defaults and their sources. */
export function policyTable(): string {
  const rows = Object.entries(keys).map(([key, [means, source]]) => [
    code(key),
    formatValue(defaults[key as keyof Policy]),
    means,
    source,
  ]);
  return table(['key', 'default', 'meaning', 'source of the default'], rows);
}

const spans: Readonly<Record<string, string>> = {
  per10Minutes: 'in 10 minutes',
  perDay: 'per day',
  perMinute: 'per minute',
  rechecksPerMinute: 'rechecks per minute',
  perCode: 'per code',
  perChannel: 'per channel',
};

function formatValue(value: Required<Policy>[keyof Policy]): string {
  if (typeof value === 'string') return code(value);
  if (typeof value === 'number') return ms(value, { long: true });
  if ('notAfter' in value) return `${ms(value.notAfter, { long: true })}, no quiet hours`;
  if (Array.isArray(value)) return value.map((span: number) => `${span / SECOND} s`).join(', ');
  return Object.entries(value)
    .map(([key, count]) => `${String(count)} ${spans[key] ?? key}`)
    .join(', ');
}

/** The meaning of each stall reason. */
export const stallMeanings: { readonly [R in StallReason]: string } = {
  providerUnavailable: 'sFOX could not be reached in time, or its reply was lost twice',
  providerRefused: 'sFOX refused the request, and a retry would not change that',
  credentials: 'sFOX refuses the API key, which affects every user',
  rateLimited: 'sFOX limited the request rate for longer than a send is retried',
  unknownUser: 'sFOX does not know the user (yet)',
  unsupported: "sFOX's record of the user says that it does not serve this person",
  sendLimit: 'a send is due, but the send limit of the policy is reached',
  sendBudget: 'a send is due, but all journeys together have used up the budget of the hour or of the day',
};

/** The meaning of each delay of the machine. */
export const delayMeanings: { readonly [D in DelayName]: string } = {
  journeyLife: 'the journey expires',
  reminderAfter: 'the reminder is due, once per channel',
  automaticResendAfter:
    'the single resend after an unknown outcome is due, one code lifetime later; after a 503, the next attempt when the cool-down ends',
  quietHoursEnd: 'the quiet hours that held an offered send end, if its user still waits for it',
  cooldown: 'the cool-down before a send ends',
  sendLimit: 'the send limit allows the send that is due',
  sendBudget: 'the next hour or day of the budget of all journeys begins',
};
