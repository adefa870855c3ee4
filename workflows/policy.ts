/** What a journey may do, how often and for how long. It travels in the journey's input, so a journey keeps the policy it began with. */
export interface Policy {
  /** `alreadySent`: sFOX mails a code itself on registration, so the journey begins by waiting for it. */
  readonly firstEmail: 'send' | 'alreadySent';
  /** `onRequest`: the first text goes out when the user asks for it. */
  readonly smsStart: 'automatic' | 'onRequest';
  /** How long a send that does not reach the provider, or is told to wait, is tried again. Milliseconds, as every duration here. */
  readonly retrySendFor: number;
  /** How long the provider may take over one request. */
  readonly callTimeout: number;
  /** The wait after the first, second, … send on a channel; the last holds for all that follow. */
  readonly cooldowns: readonly number[];
  /** Sends on one channel; an unknown outcome counts, since a code may have gone out. */
  readonly sends: { readonly per10Minutes: number; readonly perDay: number };
  /** Wrong tries, by code and by channel in all. */
  readonly guesses: { readonly perCode: number; readonly perChannel: number };
  /** How long a code is assumed to live: when to send again after an unknown outcome, never a reason to refuse a code. */
  readonly codeLife: number;
  /** The silence after which one reminder is sent, once a channel. */
  readonly reminderAfter: number;
  /** How long a journey may take; it stands still while stalled or paused. */
  readonly journeyLife: number;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The defaults; where each comes from stands in `docs/journey.md`. */
export const defaultPolicy: Policy = {
  firstEmail: 'send',
  smsStart: 'automatic',
  retrySendFor: 2 * MINUTE,
  callTimeout: 10 * SECOND,
  cooldowns: [30 * SECOND, 60 * SECOND, 120 * SECOND, 300 * SECOND],
  sends: { per10Minutes: 5, perDay: 10 },
  guesses: { perCode: 5, perChannel: 20 },
  codeLife: 10 * MINUTE,
  reminderAfter: 24 * HOUR,
  journeyLife: 7 * DAY,
};
