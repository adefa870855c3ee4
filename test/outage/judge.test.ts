import { describe, expect, it } from '@jest/globals';
import { judge } from '../../sandbox/outage/judge.ts';
import type { Mark } from '../../sandbox/outage/judge.ts';
import type { RequestRecord } from '../../sandbox/sfox/index.ts';

const at = (seconds: number) => new Date(1_000 * seconds).toISOString();
const record = (call: RequestRecord['call'], userId: string, seconds: number, status: number): RequestRecord => ({
  at: at(seconds),
  method: call === 'read' ? 'GET' : 'POST',
  call,
  userId,
  channel: call === 'read' ? null : 'email',
  status,
  fault: null,
});
const failed = (userId: string, seconds = 1) => record('send', userId, seconds, 503);
const sent = (userId: string, seconds: number) => record('send', userId, seconds, 200);
const read = (userId: string, seconds: number) => record('read', userId, seconds, 200);

const pace = { perSecond: 1, upToPerSecond: 4 };
const marks: Mark[] = [
  { at: at(0), what: 'away' },
  { at: at(10), what: 'back' },
];
const good = [failed('a'), failed('b'), failed('c'), read('a', 11), sent('a', 11.1), sent('b', 12.2), sent('c', 13.3)];
const complaints = (log: readonly RequestRecord[], of = marks) => judge(log, of, pace).complaints;

describe('the judge of an outage', () => {
  it('finds nothing wrong where all was as it must be', () => {
    expect(judge(good, marks, pace)).toEqual({
      drained: [{ back: at(10), canary: 'a', recovered: 3, peak: 1 }],
      sent: 3,
      extra: 0,
      complaints: [],
    });
  });

  it('counts a second code, and complains of a third', () => {
    expect(judge([...good, sent('a', 20)], marks, pace)).toMatchObject({ sent: 4, extra: 1, complaints: [] });
    expect(complaints([...good, sent('a', 20), sent('a', 21)])).toEqual(['a email was sent 3 codes']);
  });

  it('complains where somebody is tried before a canary’s record was read', () => {
    expect(complaints(good.filter(({ call }) => call !== 'read'))).toEqual([
      expect.stringMatching(/a was tried before a canary/),
    ]);
    const other = [...good.filter(({ call }) => call !== 'read'), read('b', 11)];
    expect(complaints(other)).toEqual([expect.stringMatching(/a was tried before a canary/)]);
  });

  it('complains where the others do not wait for the canary', () => {
    const rushed = [failed('a'), failed('b'), read('a', 11), sent('a', 11.1), sent('b', 11.2)];
    expect(complaints(rushed)).toEqual([expect.stringMatching(/did not wait for the canary/)]);
  });

  it('complains of a pace that is too quick, at the beginning and later', () => {
    const many = (count: number, from: number, every: number) =>
      Array.from({ length: count }, (_, nth) => [
        failed(`m${from}-${nth}`),
        sent(`m${from}-${nth}`, from + nth * every),
      ]).flat();
    const head = [failed('a'), read('a', 11), sent('a', 11)];
    expect(complaints([...head, ...many(16, 12, 0.5)])).toEqual([
      expect.stringMatching(/17 were tried in ten seconds/),
    ]);
    expect(complaints([...head, ...many(12, 30, 0.1)])).toEqual([
      expect.stringMatching(/12 were tried in two seconds/),
    ]);
    expect(complaints([...head, ...many(12, 30, 0.25)])).toEqual([]);
  });

  it('complains where nobody is tried', () => {
    expect(complaints([failed('a')])).toEqual([expect.stringMatching(/nobody was tried/)]);
  });

  it('judges each time that the provider was back by itself', () => {
    const twice: Mark[] = [...marks, { at: at(13), what: 'away' }, { at: at(20), what: 'back' }];
    const log = [...good.slice(0, -1), failed('c', 14), read('c', 21), sent('c', 21.2)];
    expect(judge(log, twice, pace).drained).toMatchObject([
      { canary: 'a', recovered: 2 },
      { canary: 'c', recovered: 1 },
    ]);
    expect(complaints(log, twice)).toEqual([]);
  });
});
