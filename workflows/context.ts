import type { Channel } from '../activities/contract.ts';
import type { Actor } from './events.ts';
import type { LogEntry } from './log.ts';
import type { Policy } from './policy.ts';

export const accountTypes = ['individual', 'business'] as const;
export type AccountType = (typeof accountTypes)[number];

export const channels = ['email', 'sms'] as const satisfies readonly Channel[];

/** How a channel came to be verified: a code confirmed through us, the provider's own word, or an operator's. */
export type Evidence = 'code' | 'provider' | 'operator';

export const stallReasons = [
  'providerUnavailable',
  'providerRefused',
  'credentials',
  'rateLimited',
  'sendLimit',
] as const;
export type StallReason = (typeof stallReasons)[number];

/** What recovery takes on. A refusal never heals by itself, and a send limit goes on by itself. */
export const reasonsThatHeal: readonly StallReason[] = ['providerUnavailable', 'credentials', 'rateLimited'];

export const steps = ['sending', 'awaitingCode', 'checkingCode', 'locked', 'stalled', 'paused'] as const;
export type Step = (typeof steps)[number];

/** Why a code is to be sent. `automatic`: the one resend after an unknown outcome. */
export type WishReason = 'first' | 'resend' | 'reminder' | 'automatic' | 'retry';

/** A wish to send stays open until the provider has judged it; tries that it never judged are one entry of the ledger. */
export interface Wish {
  readonly number: number;
  readonly why: WishReason;
}

export interface SendEntry {
  readonly number: number;
  readonly channel: Channel;
  /** Milliseconds since 1970, as every time inside the workflow. */
  readonly at: number;
  readonly outcome: 'sent' | 'notSent' | 'unknown' | 'alreadyVerified';
  readonly why: WishReason;
  /** Why it was not sent, or why nobody knows. */
  readonly reason: string | null;
  /** Where to, masked. */
  readonly to: string | null;
}

export interface Guesses {
  readonly onCode: number;
  readonly onChannel: number;
  readonly lastAt: number;
}

export interface Stall {
  readonly reason: StallReason;
  readonly since: number;
  readonly detail: string | null;
}

/** What a journey remembers beside its state. Plain JSON: it travels through Temporal when a long journey continues as new. */
export interface Context {
  readonly userId: string;
  readonly accountType: AccountType;
  readonly policy: Policy;
  readonly startedAt: number;
  readonly expiresAt: number;
  /** Since when the journey's life stands still; `null` while it runs. */
  readonly heldSince: number | null;
  readonly ledger: readonly SendEntry[];
  readonly wish: Wish | null;
  readonly guesses: { readonly [C in Channel]: Guesses };
  readonly evidence: { readonly [C in Channel]: Evidence | null };
  readonly reminded: { readonly [C in Channel]: boolean };
  /** Whether the provider's record says that the e-mail is verified; asked before a text where only an operator said so. */
  readonly recordAgrees: boolean;
  readonly stall: Stall | null;
  /** Where `resume` leads. */
  readonly resumeTo: ResumeTo;
  /** What happens once a send that is being stopped has settled. */
  readonly afterStop: 'paused' | 'cancelled';
}

export type ResumeTo = 'sending' | 'awaitingCode' | 'locked' | 'stalled' | 'verified';

/** What a journey begins with. */
export interface JourneyInput {
  readonly userId: string;
  readonly accountType: AccountType;
  readonly policy: Policy;
  readonly at: number;
  readonly restarted?: Restarted;
}

/** Who began it anew, and what the journey before leaves to it; nothing where that was cut off from outside. */
export interface Restarted {
  readonly by: Actor;
  readonly reason: string;
  readonly carried?: Carried;
}

/** Counters of the last day, and the whole of what has happened. */
export interface Carried {
  readonly ledger: readonly SendEntry[];
  readonly guesses: { readonly [C in Channel]: Guesses };
  readonly revision: number;
  readonly log: readonly LogEntry[];
}

export const noGuesses: Guesses = { onCode: 0, onChannel: 0, lastAt: 0 };

/** The memory of a journey that has just begun. */
export function beginContext(input: JourneyInput): Context {
  return {
    userId: input.userId,
    accountType: input.accountType,
    policy: input.policy,
    startedAt: input.at,
    expiresAt: input.at + input.policy.journeyLife,
    heldSince: null,
    ledger: input.restarted?.carried?.ledger ?? [],
    wish: null,
    guesses: input.restarted?.carried?.guesses ?? { email: noGuesses, sms: noGuesses },
    evidence: { email: null, sms: null },
    reminded: { email: false, sms: false },
    recordAgrees: false,
    stall: null,
    resumeTo: 'sending',
    afterStop: 'paused',
  };
}
