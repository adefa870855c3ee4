import type { Channel } from '../../activities/contract.ts';
import type { AccountType } from './account-types.ts';
import type { Actor } from './actor.ts';
import { forEachChannel } from './channels.ts';
import type { LogEntry } from './stored/log.ts';
import type { Policy } from './policy/policy.ts';
import type { SendOutcome } from './replies.ts';
import type { StallReason } from './stall-reasons.ts';

/** How a channel was verified: by a code confirmed through Onward, by the provider's record, or by an operator. */
export const evidenceKinds = ['code', 'provider', 'operator'] as const;
export type Evidence = (typeof evidenceKinds)[number];

export const steps = ['sending', 'awaitingCode', 'checkingCode', 'locked', 'stalled', 'paused'] as const;
export type Step = (typeof steps)[number];

/** Why a code is sent. `automatic`: the resend after an unknown outcome. */
export const sendReasons = ['first', 'resend', 'reminder', 'automatic', 'retry'] as const;
export type SendReason = (typeof sendReasons)[number];

/** A send intent stays open until the provider answers it. Attempts without an answer share one ledger entry. */
export interface SendIntent {
  readonly number: number;
  readonly why: SendReason;
}

export interface SendEntry {
  readonly number: number;
  readonly channel: Channel;
  /** Milliseconds since 1970, like every time inside the workflow. */
  readonly at: number;
  readonly outcome: SendOutcome;
  readonly why: SendReason;
  /** Why it was not sent, or why its outcome is unknown. */
  readonly reason: string | null;
  /** The masked recipient. */
  readonly to: string | null;
  /** Set after a 503: when automatic retries end. Each retry counts as a send. */
  readonly retryUntil?: number;
}

export interface GuessCounters {
  readonly onCode: number;
  readonly onChannel: number;
  readonly lastAt: number;
  /**
   * Guesses with an unknown outcome. They count towards the limits, since the provider may have checked them, but do not
   * lock the channel: those of a code end with the code, those of the channel a day after the last one.
   */
  readonly unknown: { readonly onCode: number; readonly onChannel: number; readonly lastAt: number };
}

export interface Stall {
  readonly reason: StallReason;
  readonly since: number;
  readonly detail: string | null;
  /** With `sendBudget`: when the budget leaves room again. */
  readonly until?: number;
}

/** The context of the machine. Plain JSON: it is serialized when the workflow continues as new. */
export interface JourneyContext {
  readonly userId: string;
  readonly accountType: AccountType;
  /** The provider of the journey: only its workers may serve it. `null`: any. */
  readonly provider: string | null;
  readonly policy: Policy;
  readonly startedAt: number;
  /** The time of the last step, for the events of XState that have none: a delay that elapsed, a step that is done. */
  readonly now: number;
  /** The channel that the current state verifies. */
  readonly channel: Channel;
  /** When the user, or an operator for them, last requested something that may lead to a code. */
  readonly lastActiveAt: number;
  /** Since when an automatic send waits for the user's next visit; `null` if none does. */
  readonly offeredSince: number | null;
  readonly expiresAt: number;
  /** When the expiry was suspended; `null` while it is not. */
  readonly expirySuspendedSince: number | null;
  readonly ledger: readonly SendEntry[];
  readonly openSend: SendIntent | null;
  readonly guesses: { readonly [C in Channel]: GuessCounters };
  readonly evidence: { readonly [C in Channel]: Evidence | null };
  readonly reminded: { readonly [C in Channel]: boolean };
  /** Whether the provider's record does not contradict an e-mail that only an operator marked as verified. Checked before a text is sent. */
  readonly recordAgrees: boolean;
  readonly stall: Stall | null;
  /** The target of `resume`. */
  readonly resumeTo: ResumeTo;
  /** The target once a send that is being stopped has an outcome. */
  readonly afterStop: 'paused' | 'cancelled';
}

export type ResumeTo = 'sending' | 'awaitingCode' | 'locked' | 'stalled' | 'verified';

/** The input of the machine. */
export interface JourneyInput {
  readonly userId: string;
  readonly accountType: AccountType;
  readonly policy: Policy;
  readonly provider?: string;
  readonly at: number;
  readonly restarted?: RestartOrigin;
}

/** Who restarted the journey, and what it inherits. `carried` is absent if the previous execution was terminated. */
export interface RestartOrigin {
  readonly by: Actor;
  readonly reason: string;
  readonly carried?: CarriedUsage;
  /** The user id whose journey this one supersedes: the same person, registered again with another address or number. */
  readonly supersedes?: string;
}

/** What a restarted journey inherits: the sends and guesses of the last day, the revision and the full log. */
export interface CarriedUsage {
  readonly ledger: readonly SendEntry[];
  readonly guesses: { readonly [C in Channel]: GuessCounters };
  readonly revision: number;
  readonly log: readonly LogEntry[];
}

export const noGuesses: GuessCounters = {
  onCode: 0,
  onChannel: 0,
  lastAt: 0,
  unknown: { onCode: 0, onChannel: 0, lastAt: 0 },
};

/** Returns the context of a new journey. */
export function createContext(input: JourneyInput): JourneyContext {
  return {
    userId: input.userId,
    accountType: input.accountType,
    provider: input.provider ?? null,
    policy: input.policy,
    startedAt: input.at,
    now: input.at,
    channel: 'email',
    lastActiveAt: input.at,
    offeredSince: null,
    expiresAt: input.at + input.policy.journeyLife,
    expirySuspendedSince: null,
    ledger: input.restarted?.carried?.ledger ?? [],
    openSend: null,
    guesses: input.restarted?.carried?.guesses ?? forEachChannel(() => noGuesses),
    evidence: forEachChannel(() => null),
    reminded: forEachChannel(() => false),
    recordAgrees: false,
    stall: null,
    resumeTo: 'sending',
    afterStop: 'paused',
  };
}
