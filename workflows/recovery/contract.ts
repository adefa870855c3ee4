import { defineSignal } from '@temporalio/workflow';
import type { StallReason } from '../context.ts';
import type { Act, Actor } from '../events.ts';

/** The automatic retry: what its runs are told, what they show, and what they ask of their worker. */

export const RECOVERY_TYPE = 'recovery';
/** The id of the Schedule that starts the runs, one at a time. */
export const RECOVERY_SCHEDULE = 'onward-recovery';
/** The memo under which a run shows what it is doing, so that it can be read without a worker. */
export const RECOVERY_MEMO = 'recovery';

/** As whom recovery tells a journey something. */
export const recoveryActor = { role: 'onward', name: 'recovery' } as const satisfies Actor;

/** What the Schedule hands to every run. */
export interface RecoveryOrder {
  /** Journeys a second at first, and at most. */
  readonly perSecond: number;
  readonly upToPerSecond: number;
  /** How long a pace is kept before it doubles, in milliseconds. */
  readonly doubleEvery: number;
  /** How long the provider may take over one request, in milliseconds. */
  readonly callTimeout: number;
  /** Two seconds' worth of journeys each: after so many an execution continues as new. */
  readonly slices: number;
  /** The newest of each kind. They travel here since payloads are encrypted, and a Schedule's note is not. */
  readonly acts: { readonly [A in 'paused' | 'resumed' | 'triggered']: Act | null };
}

/**
 * What a run is doing, or has come to.
 *
 * - `probing`: a canary is tried
 * - `draining`: the provider is back, and the others go at a pace
 * - `waiting`: the provider is not back, or has failed again; the next run tries another canary
 * - `idle`: nothing is left to do
 */
export interface RecoveryRun {
  readonly state: 'probing' | 'draining' | 'waiting' | 'idle';
  readonly startedAt: string;
  readonly canary: string | null;
  /** Journeys a second; `null` before the canary was judged. */
  readonly pace: number | null;
  /** Journeys that the provider has judged. */
  readonly done: number;
  /** Journeys that it has not: they stay stalled. */
  readonly notJudged: number;
  /** Journeys that recovery takes on, as counted last. */
  readonly left: number;
  /** How it ended, in plain words. */
  readonly outcome: string | null;
  /** The operator's call that this run answers. */
  readonly triggered: Act | null;
}

/** A user whose try was not judged. */
export interface PassedOver {
  readonly userId: string;
  /** Whether the provider was away for everybody then, so that it says nothing about this user. */
  readonly whileAway: boolean;
}

/** What a run leaves to the next one. */
export interface RecoveryResult {
  readonly run: RecoveryRun;
  readonly passedOver: readonly PassedOver[];
}

/** Asks a run to stop after what is in flight. */
export const holdSignal = defineSignal('hold');

/** A place in the row of stalled journeys, the oldest stall first. */
export interface Place {
  /** RFC 3339. */
  readonly since: string;
  readonly userId: string;
}

export interface OldestRequest {
  /** The task queue whose journeys are meant. */
  readonly taskQueue: string;
  /** Those behind this place alone. */
  readonly after: Place | null;
  /** Those that were stalled by then, RFC 3339. */
  readonly before: string;
  readonly most: number;
  readonly passOver: readonly string[];
}

export interface OldestStalled {
  readonly places: readonly Place[];
  /** All that were stalled by then, wherever in the row. */
  readonly left: number;
}

export interface TryRequest {
  readonly users: readonly string[];
  readonly perSecond: number;
  /** The run: a journey is tried once in it, whoever dies meanwhile. */
  readonly run: string;
  readonly reason: string;
}

/** What became of a try. `skipped`: the journey's own machine did not take it. */
export interface Tried {
  readonly userId: string;
  readonly verdict: 'judged' | 'skipped' | StallReason;
}

export interface RecoveryActivities {
  /** Finds journeys that recovery takes on, the oldest stall first. */
  oldestStalled(request: OldestRequest): Promise<OldestStalled>;
  /** Has journeys tried once each, at a pace, and goes no further once one was not judged. Gives those that were tried. */
  tryEach(request: TryRequest): Promise<readonly Tried[]>;
}
