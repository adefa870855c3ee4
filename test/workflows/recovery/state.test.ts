import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { RecoveryInput, RecoveryResult, AttemptResult } from '../../../workflows/recovery/contract.ts';
import {
  initialState,
  withResults,
  increaseRate,
  deprioritizeUsers,
  startDraining,
} from '../../../workflows/recovery/state.ts';
import type { RecoveryState } from '../../../workflows/recovery/state.ts';
import { operator } from '../../support/stack.ts';

const order: RecoveryInput = {
  perSecond: 5,
  upToPerSecond: 20,
  doubleEvery: 10 * SECOND,
  callTimeout: SECOND,
  slices: 150,
  acts: { paused: null, resumed: null, triggered: null },
};
const run = { id: 'run', startedAt: '2026-01-05T09:00:00.000Z', last: undefined };
const fresh = initialState(order, run);
const answered = (userId: string): AttemptResult => ({ userId, verdict: 'answered' });
const failed = (userId: string): AttemptResult => ({ userId, verdict: 'providerUnavailable' });
const skipped = (userId: string): AttemptResult => ({ userId, verdict: 'skipped' });
const names = ({ deprioritized }: Pick<RecoveryState, 'deprioritized'>) => deprioritized.map(({ userId }) => userId);

describe('a run of recovery', () => {
  it('replies once to an operator who has requested it', () => {
    const triggered = { at: '2026-01-05T08:59:00.000Z', by: operator, reason: 'now' };
    const withTrigger = { ...order, acts: { ...order.acts, triggered } };
    const lastAt = (startedAt: string) => ({ run: { startedAt }, deprioritized: [] }) as unknown as RecoveryResult;
    expect(initialState(withTrigger, run).triggered).toEqual(triggered);
    expect(initialState(withTrigger, { ...run, last: lastAt('2026-01-05T08:58:00.000Z') }).triggered).toEqual(
      triggered,
    );
    expect(initialState(withTrigger, { ...run, last: lastAt('2026-01-05T08:59:30.000Z') }).triggered).toBeNull();
  });

  it('doubles its pace after each ten seconds without a failure, up to the maximum', () => {
    const paces: number[] = [];
    let drain = startDraining(fresh, 'answered', 0);
    for (let at = 0; at < MINUTE; at += 5 * SECOND) {
      drain = increaseRate(drain, order, at);
      paces.push(drain.pace);
    }
    expect(paces).toEqual([5, 5, 10, 10, 20, 20, 20, 20, 20, 20, 20, 20]);
  });

  it('counts answered, unanswered and consecutive unanswered attempts', () => {
    const first = withResults(fresh, [answered('a'), failed('b'), skipped('c'), failed('d')]);
    expect(first).toMatchObject({ done: 1, notAnswered: 2, consecutiveFailures: 2 });
    expect(withResults(first, [failed('e')])).toMatchObject({ done: 1, notAnswered: 3, consecutiveFailures: 3 });
    expect(withResults(first, [failed('e'), answered('f')])).toMatchObject({ done: 2, consecutiveFailures: 0 });
    expect(withResults(first, [])).toMatchObject({ consecutiveFailures: 2 });
  });

  it('clears failures of a general outage once a canary was answered', () => {
    const away = deprioritizeUsers(fresh, [failed('a'), failed('b')], true);
    const hopeless = deprioritizeUsers(away, [failed('c')], false);
    expect(names(hopeless)).toEqual(['a', 'b', 'c']);
    const out = startDraining({ ...hopeless, canary: 'd' }, 'answered', 0);
    expect(names(out)).toEqual(['c']);
    expect(out.tail).toEqual(['c']);
    expect(names(withResults(out, [answered('c')]))).toEqual([]);
  });

  it('puts who fails again at the end of the row, and lets the oldest make room', () => {
    const twice = ['a', 'b', 'a'].reduce((drain, userId) => deprioritizeUsers(drain, [failed(userId)], false), fresh);
    expect(names(twice)).toEqual(['b', 'a']);
    const crowd = Array.from({ length: 120 }, (_, nth) => failed(`user${nth}`));
    expect(names(deprioritizeUsers(twice, crowd, false))).toHaveLength(100);
    expect(names(deprioritizeUsers(twice, crowd, false)).at(-1)).toBe('user119');
  });
});
