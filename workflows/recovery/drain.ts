import type { Act } from '../events.ts';
import type { PassedOver, Place, RecoveryOrder, RecoveryResult, Tried } from './contract.ts';
import { forgive, passOver, without } from './passed-over.ts';

/** What a run remembers: plain JSON, for when it continues as new. */
export interface Drain {
  readonly id: string;
  readonly startedAt: string;
  readonly triggered: Act | null;
  readonly passedOver: readonly PassedOver[];
  readonly canary: string | null;
  /** How far the row of stalls has been gone through. */
  readonly after: Place | null;
  /** Users that failed in runs before this one: they are tried once all others have been. */
  readonly tail: readonly string[];
  readonly pace: number;
  /** Since when this pace has gone without a failure. */
  readonly steadySince: number;
  /** Tries that were not judged, since one was. */
  readonly inARow: number;
  readonly done: number;
  readonly notJudged: number;
  readonly left: number;
}

/** A run that begins, with what the one before has left to it. */
export function beginning(
  { perSecond, acts: { triggered } }: RecoveryOrder,
  { id, startedAt, last }: { id: string; startedAt: string; last: RecoveryResult | undefined },
): Drain {
  // The order keeps the newest call for good; the first run after it is the one that answers it.
  const answered = triggered !== null && last !== undefined && triggered.at < last.run.startedAt;
  return {
    id,
    startedAt,
    triggered: answered ? null : triggered,
    passedOver: last?.passedOver ?? [],
    canary: null,
    after: null,
    tail: [],
    pace: perSecond,
    steadySince: 0,
    inARow: 0,
    done: 0,
    notJudged: 0,
    left: 0,
  };
}

/** The canary was judged: the row is gone through from its beginning. */
export function setOut(drain: Drain, at: number): Drain {
  const passedOver = without(forgive(drain.passedOver), drain.canary);
  const tail = passedOver.map(({ userId }) => userId);
  return { ...drain, passedOver, tail, after: null, done: 1, steadySince: at };
}

/** Doubles the pace where it has gone well for long enough. */
export function hasten(drain: Drain, { doubleEvery, upToPerSecond }: RecoveryOrder, at: number): Drain {
  if (at - drain.steadySince < doubleEvery) return drain;
  return { ...drain, pace: Math.max(drain.pace, Math.min(2 * drain.pace, upToPerSecond)), steadySince: at };
}

/** Counts what became of tries. */
export function counted(drain: Drain, tried: readonly Tried[]): Drain {
  const judged = tried.filter(({ verdict }) => verdict === 'judged');
  const failed = failures(tried);
  const last = tried.findLastIndex(({ verdict }) => verdict === 'judged');
  const inARow = failures(tried.slice(last + 1)).length;
  return {
    ...drain,
    passedOver: without(drain.passedOver, ...judged.map(({ userId }) => userId)),
    done: drain.done + judged.length,
    notJudged: drain.notJudged + failed.length,
    inARow: last === -1 ? drain.inARow + inARow : inARow,
  };
}

/** The tries that the provider did not judge. */
export function failures(tried: readonly Tried[]): readonly Tried[] {
  return tried.filter(({ verdict }) => verdict !== 'judged' && verdict !== 'skipped');
}

/** Puts users at the end of the row; `whileAway` where the provider was away for everybody. */
export function setAside(drain: Drain, failed: readonly Tried[], whileAway: boolean): Drain {
  const users = failed.map(({ userId }) => userId);
  return { ...drain, passedOver: passOver(drain.passedOver, users, whileAway) };
}
