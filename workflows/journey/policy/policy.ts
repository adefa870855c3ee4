/** What a journey may do, how often and for how long. It is part of the journey's input, so a journey keeps the policy that it started with, or has adopted. */
export interface Policy {
  /** `alreadySent`: sFOX mails a code itself on registration, so the journey begins by waiting for it. */
  readonly firstEmail: 'send' | 'alreadySent';
  /** `onRequest`: the first text is sent when the user requests it. */
  readonly smsStart: 'automatic' | 'onRequest';
  /** How long a send that does not reach the provider, or is rate limited, is retried. In milliseconds, like every duration here. */
  readonly retrySendFor: number;
  /** How long a send is retried for a user that the provider does not know yet, before the journey stalls as `unknownUser`. */
  readonly unknownUserFor: number;
  /** How long the provider may take over one request. */
  readonly callTimeout: number;
  /** The wait after the first, second, … send on a channel; the last holds for all that follow. */
  readonly cooldowns: readonly number[];
  /** Sends on one channel; an unknown outcome counts, since a code may have gone out. */
  readonly sends: { readonly per10Minutes: number; readonly perDay: number };
  /** The wrong guesses that are allowed for one code, and for one channel in all. */
  readonly guesses: { readonly perCode: number; readonly perChannel: number };
  /** Commands that one user's journey takes within a minute; absent in a journey that an older release began. */
  readonly commands?: CommandLimits;
  /** How long a code is assumed to live: when to send again after an unknown outcome, never a reason to refuse a code. */
  readonly codeLife: number;
  /** The silence after which a reminder is sent, once for each channel. */
  readonly reminderAfter: number;
  /** How long a journey may take; suspended while stalled or paused. */
  readonly journeyLife: number;
  readonly automaticSends: AutomaticSends;
}

/** When a code may be sent without a request. */
export interface AutomaticSends {
  /** How long after their last action a user still waits for a code. One that is due later is offered at their next visit. */
  readonly notAfter: number;
  readonly quietHours: QuietHours | null;
}

/** The hours without automatic codes, in the local time of the user. */
export interface QuietHours {
  /** Minutes since midnight. A span from 21:00 to 08:00 includes midnight. */
  readonly from: number;
  readonly to: number;
  /**
   * The offsets of the time zone from UTC, in minutes, each with the time at which it begins, in order. The first one holds
   * before its time, too. They are part of the input: the time zone data of a worker may change between two replays.
   */
  readonly offsets: readonly [ZoneOffset, ...ZoneOffset[]];
}

export interface ZoneOffset {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly minutes: number;
}

export interface CommandLimits {
  /** All commands of one role together. */
  readonly perMinute: number;
  /** Rechecks of all roles together. Each is a request to the provider. */
  readonly rechecksPerMinute: number;
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const defaultCommandLimits: CommandLimits = { perMinute: 120, rechecksPerMinute: 12 };

/** The defaults. `docs/journey.md` lists the source of each. */
export const defaultPolicy: Policy = {
  firstEmail: 'send',
  smsStart: 'automatic',
  retrySendFor: 2 * MINUTE,
  unknownUserFor: 10 * MINUTE,
  callTimeout: 10 * SECOND,
  cooldowns: [30 * SECOND, 60 * SECOND, 120 * SECOND, 300 * SECOND],
  sends: { per10Minutes: 5, perDay: 10 },
  guesses: { perCode: 5, perChannel: 20 },
  commands: defaultCommandLimits,
  codeLife: 10 * MINUTE,
  reminderAfter: 24 * HOUR,
  journeyLife: 7 * DAY,
  automaticSends: { notAfter: 30 * MINUTE, quietHours: null },
};
