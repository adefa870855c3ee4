import type { Forecast, Operation, State, Status, Summary } from 'onward/client';

/** How the console says things. Every colour has one of these words beside it. */

export type Step = NonNullable<Status['step']>;
export type Reason = keyof Summary['reasons'];

export const stateWords: { readonly [S in State]: string } = {
  emailPending: 'E-mail pending',
  emailVerified: 'E-mail verified',
  smsPending: 'Phone pending',
  done: 'Done',
  expired: 'Expired',
  cancelled: 'Cancelled',
};

export const stepWords: { readonly [S in Step]: string } = {
  sending: 'Sending',
  awaitingCode: 'Awaiting code',
  checkingCode: 'Checking code',
  locked: 'Locked',
  stalled: 'Stalled',
  paused: 'Paused',
};

export const reasonWords: { readonly [R in Reason]: string } = {
  providerUnavailable: 'Provider unavailable',
  providerRefused: 'Provider refused',
  credentials: 'Key refused',
  rateLimited: 'Rate limited',
  sendLimit: 'Send limit',
};

export const accountWords = { individual: 'Individual', business: 'Business' } as const;
export const channelWords = { email: 'E-mail', sms: 'Phone' } as const;

export const channelStatusWords = {
  waiting: 'Not yet',
  pending: 'Pending',
  verified: 'Verified',
  notNeeded: 'Not needed',
} as const;

export const evidenceWords = {
  code: 'by a code',
  provider: 'by the provider’s word',
  operator: 'by an operator',
} as const;

export const sendWords = {
  sent: 'sent',
  notSent: 'not sent',
  unknown: 'unknown whether sent',
  alreadyVerified: 'verified already',
} as const;

export const outcomeWords: { readonly [O in Forecast['outcome']]: string } = {
  sends: 'Asks for a code',
  taken: 'Carried out, no code',
  verified: 'Verified already',
  overLimit: 'Over a limit',
  notNow: 'Not now',
  unanswered: 'No answer',
};

export const operationWords: { readonly [S in Operation['state']]: string } = {
  running: 'Running',
  stopping: 'Stopping',
  stopped: 'Stopped',
  done: 'Done',
};

export const recoveryWords = {
  probing: 'Probing: One journey is tried as a canary',
  draining: 'Draining: The provider is back, and the others go at a pace',
  waiting: 'Waiting: The provider is not back',
  idle: 'Idle: Nothing is left to do',
  paused: 'Paused: Until an operator resumes it',
} as const;

export const queueWords = { journeys: 'Journeys', sends: 'Sends', checks: 'Checks' } as const;

/** What a colour stands for. */
export type Tone = 'calm' | 'good' | 'warn' | 'bad' | 'held' | 'over';

export function toneOf(state: State, step: Step | null): Tone {
  if (step === 'stalled') return 'warn';
  if (step === 'locked') return 'bad';
  if (step === 'paused') return 'held';
  if (state === 'done') return 'good';
  return state === 'expired' || state === 'cancelled' ? 'over' : 'calm';
}

export function placeWords(state: State, step: Step | null): string {
  return step === null ? stateWords[state] : `${stateWords[state]} · ${stepWords[step]}`;
}

const numbers = new Intl.NumberFormat('en');
export const number = (value: number) => numbers.format(value);
export const people = (count: number) => `${number(count)} ${count === 1 ? 'person' : 'people'}`;
export const journeysWord = (count: number) => `${number(count)} ${count === 1 ? 'journey' : 'journeys'}`;

const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
export const timeWords = (at: string) => clock.format(new Date(at));

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A span in its two largest units: `3 h 12 min`. */
export function spanWords(milliseconds: number): string {
  let left = Math.max(0, Math.round(milliseconds / 1_000));
  const first = units.findIndex(([, size]) => left >= size);
  if (first === -1) return '0 s';
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

export const ageWords = (since: string, now: number) => spanWords(now - Date.parse(since));
export const untilWords = (at: string, now: number) => spanWords(Date.parse(at) - now);
