import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '../../workflows/policy.ts';
import type { RecoveryOrder, RecoveryResult, Tried } from '../../workflows/recovery/contract.ts';
import { beginning, counted, hasten, setAside, setOut } from '../../workflows/recovery/drain.ts';
import type { Drain } from '../../workflows/recovery/drain.ts';
import { operator } from '../support/stack.ts';

const order: RecoveryOrder = {
  perSecond: 5,
  upToPerSecond: 20,
  doubleEvery: 10 * SECOND,
  callTimeout: SECOND,
  slices: 150,
  acts: { paused: null, resumed: null, triggered: null },
};
const run = { id: 'run', startedAt: '2026-01-05T09:00:00.000Z', last: undefined };
const fresh = beginning(order, run);
const judged = (userId: string): Tried => ({ userId, verdict: 'judged' });
const failed = (userId: string): Tried => ({ userId, verdict: 'providerUnavailable' });
const skipped = (userId: string): Tried => ({ userId, verdict: 'skipped' });
const names = ({ passedOver }: Pick<Drain, 'passedOver'>) => passedOver.map(({ userId }) => userId);

describe('a run of recovery', () => {
  it('answers an operator who has asked for it once', () => {
    const triggered = { at: '2026-01-05T08:59:00.000Z', by: operator, reason: 'now' };
    const asked = { ...order, acts: { ...order.acts, triggered } };
    const lastAt = (startedAt: string) => ({ run: { startedAt }, passedOver: [] }) as unknown as RecoveryResult;
    expect(beginning(asked, run).triggered).toEqual(triggered);
    expect(beginning(asked, { ...run, last: lastAt('2026-01-05T08:58:00.000Z') }).triggered).toEqual(triggered);
    expect(beginning(asked, { ...run, last: lastAt('2026-01-05T08:59:30.000Z') }).triggered).toBeNull();
  });

  it('doubles its pace after each ten seconds without a failure, and stays at the most', () => {
    const paces: number[] = [];
    let drain = setOut(fresh, 0);
    for (let at = 0; at < MINUTE; at += 5 * SECOND) {
      drain = hasten(drain, order, at);
      paces.push(drain.pace);
    }
    expect(paces).toEqual([5, 5, 10, 10, 20, 20, 20, 20, 20, 20, 20, 20]);
  });

  it('counts what was judged, what was not, and what was not in a row', () => {
    const first = counted(fresh, [judged('a'), failed('b'), skipped('c'), failed('d')]);
    expect(first).toMatchObject({ done: 1, notJudged: 2, inARow: 2 });
    expect(counted(first, [failed('e')])).toMatchObject({ done: 1, notJudged: 3, inARow: 3 });
    expect(counted(first, [failed('e'), judged('f')])).toMatchObject({ done: 2, inARow: 0 });
    expect(counted(first, [])).toMatchObject({ inARow: 2 });
  });

  it('forgives those who failed while the provider was away for everybody, once a canary was judged', () => {
    const away = setAside(fresh, [failed('a'), failed('b')], true);
    const hopeless = setAside(away, [failed('c')], false);
    expect(names(hopeless)).toEqual(['a', 'b', 'c']);
    const out = setOut({ ...hopeless, canary: 'd' }, 0);
    expect(names(out)).toEqual(['c']);
    expect(out.tail).toEqual(['c']);
    expect(names(counted(out, [judged('c')]))).toEqual([]);
  });

  it('puts who fails again at the end of the row, and lets the oldest make room', () => {
    const twice = ['a', 'b', 'a'].reduce((drain, userId) => setAside(drain, [failed(userId)], false), fresh);
    expect(names(twice)).toEqual(['b', 'a']);
    const crowd = Array.from({ length: 120 }, (_, nth) => failed(`user${nth}`));
    expect(names(setAside(twice, crowd, false))).toHaveLength(100);
    expect(names(setAside(twice, crowd, false)).at(-1)).toBe('user119');
  });
});
