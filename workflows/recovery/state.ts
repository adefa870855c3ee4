import type { OperatorAction } from '../journey/events.ts';
import type { DeprioritizedUser, QueuePosition, RecoveryInput, RecoveryResult, AttemptResult } from './contract.ts';
import { clearOutageFailures, deprioritize, without } from './deprioritized.ts';

/** The state of a run. Plain JSON, so that it can continue as new. */
export interface RecoveryState {
  readonly id: string;
  readonly startedAt: string;
  readonly triggered: OperatorAction | null;
  readonly deprioritized: readonly DeprioritizedUser[];
  readonly canary: string | null;
  /** The last processed position in the queue. */
  readonly after: QueuePosition | null;
  /** Users that failed in earlier runs. They are attempted after all others. */
  readonly tail: readonly string[];
  readonly pace: number;
  /** Since when this rate has applied without a failure, milliseconds since 1970. */
  readonly rateSince: number;
  /** Unanswered attempts since the last answered one. */
  readonly consecutiveFailures: number;
  readonly done: number;
  readonly notAnswered: number;
  readonly offered: number;
  /** Unanswered attempts that reached the rate limit. */
  readonly rateLimited: number;
  readonly left: number;
  /** When users that the provider did not know were last attempted, milliseconds since 1970. */
  readonly revisitedAt: number;
}

/** Returns the state of a new run, based on the result of the previous one. */
export function initialState(
  { perSecond, acts: { triggered } }: RecoveryInput,
  { id, startedAt, last }: { id: string; startedAt: string; last: RecoveryResult | undefined },
): RecoveryState {
  // The input stores the newest trigger permanently. Only the first run after it handles it.
  const isHandled = triggered !== null && last !== undefined && triggered.at < last.run.startedAt;
  return {
    id,
    startedAt,
    triggered: isHandled ? null : triggered,
    deprioritized: last?.deprioritized ?? [],
    canary: null,
    after: null,
    tail: [],
    pace: perSecond,
    rateSince: 0,
    consecutiveFailures: 0,
    done: 0,
    notAnswered: 0,
    offered: 0,
    rateLimited: 0,
    left: 0,
    revisitedAt: last?.revisitedAt ?? 0,
  };
}

/** Starts draining after the provider answered a canary, or its record: processes the queue from its start. */
export function startDraining(state: RecoveryState, canary: 'answered' | 'offered', at: number): RecoveryState {
  const deprioritized = without(clearOutageFailures(state.deprioritized), state.canary);
  const tail = deprioritized.map(({ userId }) => userId);
  const counts = canary === 'answered' ? { done: 1 } : { offered: 1 };
  return { ...state, deprioritized, tail, after: null, ...counts, rateSince: at };
}

/** Doubles the rate after `doubleEvery` without a failure, up to `upToPerSecond`. */
export function increaseRate(
  state: RecoveryState,
  { doubleEvery, upToPerSecond }: RecoveryInput,
  at: number,
): RecoveryState {
  if (at - state.rateSince < doubleEvery) return state;
  return { ...state, pace: Math.max(state.pace, Math.min(2 * state.pace, upToPerSecond)), rateSince: at };
}

/** Counts the outcomes of attempts. */
export function withResults(state: RecoveryState, attempts: readonly AttemptResult[]): RecoveryState {
  const answered = attempts.filter(({ verdict }) => verdict === 'answered');
  const offered = attempts.filter(({ verdict }) => verdict === 'offered');
  const failed = failures(attempts);
  const last = attempts.findLastIndex(({ verdict }) => verdict === 'answered');
  const inARow = failures(attempts.slice(last + 1)).length;
  return {
    ...state,
    deprioritized: without(state.deprioritized, ...[...answered, ...offered].map(({ userId }) => userId)),
    done: state.done + answered.length,
    notAnswered: state.notAnswered + failed.length,
    offered: state.offered + offered.length,
    rateLimited: state.rateLimited + failed.filter(({ verdict }) => verdict === 'rateLimited').length,
    consecutiveFailures: last === -1 ? state.consecutiveFailures + inARow : inARow,
  };
}

/** Returns the attempts that the provider did not answer. */
export function failures(attempts: readonly AttemptResult[]): readonly AttemptResult[] {
  return attempts.filter(({ verdict }) => verdict !== 'answered' && verdict !== 'offered' && verdict !== 'skipped');
}

/** Moves users to the end of the queue. `duringOutage`: the provider failed for all users. */
export function deprioritizeUsers(
  state: RecoveryState,
  failed: readonly AttemptResult[],
  duringOutage: boolean,
): RecoveryState {
  const users = failed.map(({ userId }) => userId);
  return { ...state, deprioritized: deprioritize(state.deprioritized, users, duringOutage) };
}
