import type { StallReason } from '../journey/stall-reasons.ts';
import type { OperatorAction } from '../journey/events.ts';
import type { Actor } from '../journey/actor.ts';

/** Automatic recovery: the input, the progress and the activities of its runs. */

export const RECOVERY_TYPE = 'recovery';
/** The id of the Schedule that starts the runs, one at a time. */
export const RECOVERY_SCHEDULE = 'onward-recovery';
/** The memo field with the progress of a run, readable without a worker. */
export const RECOVERY_MEMO = 'recovery';

/** The actor of recovery's commands. */
export const recoveryActor = { role: 'onward', name: 'recovery' } as const satisfies Actor;

/** The input of every run, from the Schedule. */
export interface RecoveryInput {
  /** Journeys a second at first, and at most. */
  readonly perSecond: number;
  readonly upToPerSecond: number;
  /** How long a rate applies without a failure before it doubles, in milliseconds. */
  readonly doubleEvery: number;
  /** The timeout of one request to the provider, in milliseconds. */
  readonly callTimeout: number;
  /** The number of two-second slices after which an execution continues as new. */
  readonly slices: number;
  /** The newest act of each kind. The acts are part of the input because payloads are encrypted and a Schedule's note is not. */
  readonly acts: { readonly [A in 'paused' | 'resumed' | 'triggered']: OperatorAction | null };
}

/**
 * The progress or the result of a run.
 *
 * - `probing`: attempts a canary
 * - `draining`: the provider is back; attempts the other journeys at a limited rate
 * - `waiting`: the provider is not back, or failed again; the next run attempts another canary
 * - `idle`: no journey is left to attempt
 */
export interface RecoveryRun {
  readonly state: 'probing' | 'draining' | 'waiting' | 'idle';
  readonly startedAt: string;
  readonly canary: string | null;
  /** Journeys a second; `null` before the provider answered a canary. */
  readonly pace: number | null;
  /** Journeys whose attempt the provider answered. */
  readonly done: number;
  /** Journeys whose attempt it did not answer. They stay stalled. */
  readonly notAnswered: number;
  /** Journeys whose users have left, or have quiet hours. Their code is offered at the next visit. */
  readonly offered: number;
  /** Recoverable journeys at the last count. */
  readonly remaining: number;
  /** How it ended, as a sentence. */
  readonly outcome: string | null;
  /** The operator's trigger that started this run. */
  readonly triggered: OperatorAction | null;
}

/** A user whose attempt the provider did not answer. */
export interface DeprioritizedUser {
  readonly userId: string;
  /** Whether it failed during an outage, so that the failure says nothing about this user. */
  readonly duringOutage: boolean;
}

/** The result of a run, which the next run reads. */
export interface RecoveryResult {
  readonly run: RecoveryRun;
  readonly deprioritized: readonly DeprioritizedUser[];
  /** When users that the provider did not know were last attempted, milliseconds since 1970; absent before the first time. */
  readonly revisitedAt?: number;
}

/** The signal that stops a run after the attempts in flight. */
export const STOP_SIGNAL = 'stop';

/** A position in the queue of stalled journeys, oldest stall first. */
export interface QueuePosition {
  /** RFC 3339. */
  readonly since: string;
  readonly userId: string;
}

export interface OldestStalledRequest {
  /** Only journeys of this task queue. */
  readonly taskQueue: string;
  /** Only journeys after this position. */
  readonly after: QueuePosition | null;
  /** Only journeys that stalled before this time, RFC 3339. */
  readonly before: string;
  readonly most: number;
  readonly exclude: readonly string[];
  /** Lists users that the provider did not know instead of recoverable ones. */
  readonly unknownUsers?: boolean;
}

export interface OldestStalledJourneys {
  readonly items: readonly QueuePosition[];
  /** All journeys that stalled before the time, at any position. */
  readonly remaining: number;
}

export interface TryRequest {
  readonly users: readonly string[];
  readonly perSecond: number;
  /** The id of the run. A journey is attempted once per run, even if a worker dies. */
  readonly run: string;
  readonly reason: string;
}

/** The outcome of an attempt. `skipped`: the journey did not accept it. `offered`: the code waits for the user's next visit. */
export interface AttemptResult {
  readonly userId: string;
  readonly verdict: 'answered' | 'offered' | 'skipped' | StallReason;
}

export interface RecoveryActivities {
  /**
   * Whether the Schedule has started the calling run, with this input, and may: it is not paused, or an operator has triggered the run.
   * A recorded start of an earlier run has the right envelope, but none of these.
   */
  confirmRun(request: { readonly input: RecoveryInput; readonly isTriggered: boolean }): Promise<boolean>;
  /** Lists journeys for recovery, oldest stall first. */
  listOldestStalled(request: OldestStalledRequest): Promise<OldestStalledJourneys>;
  /** Attempts each journey once, at a limited rate, and stops after one that the provider did not answer. Returns the attempts made. */
  tryUsers(request: TryRequest): Promise<readonly AttemptResult[]>;
}
