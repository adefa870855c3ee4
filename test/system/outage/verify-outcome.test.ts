import { describe, expect, it } from '@jest/globals';
import { verifyOutcome } from './verify-outcome.ts';
import type { ProviderChange } from './verify-outcome.ts';
import type { RequestRecord } from '../../../sandbox/sfox/index.ts';

const at = (seconds: number) => new Date(1_000 * seconds).toISOString();
const record = (call: RequestRecord['call'], userId: string, seconds: number, status: number): RequestRecord => ({
  at: at(seconds),
  method: call === 'read' ? 'GET' : 'POST',
  call,
  userId,
  channel: call === 'read' ? null : 'email',
  status,
  fault: null,
  verified: [],
});
const failed = (userId: string, seconds = 1) => record('send', userId, seconds, 503);
const sent = (userId: string, seconds: number) => record('send', userId, seconds, 200);
const read = (userId: string, seconds: number) => record('read', userId, seconds, 200);

const rate = { perSecond: 1, upToPerSecond: 4 };
const changes: ProviderChange[] = [
  { at: at(0), provider: 'down' },
  { at: at(10), provider: 'up' },
];
const requests = [
  failed('a'),
  failed('b'),
  failed('c'),
  read('a', 11),
  sent('a', 11.1),
  sent('b', 12.2),
  sent('c', 13.3),
];
const violations = (log: readonly RequestRecord[], withChanges = changes) =>
  verifyOutcome(log, withChanges, rate).violations;

describe('the check of an outage run', () => {
  it('returns nothing if every outcome is as expected', () => {
    expect(verifyOutcome(requests, changes, rate)).toEqual({
      drains: [{ upAt: at(10), canary: 'a', recovered: 3, peak: 1 }],
      sentCodes: 3,
      extraCodes: 0,
      violations: [],
    });
  });

  it('counts a second code, and reports a third', () => {
    expect(verifyOutcome([...requests, sent('a', 20)], changes, rate)).toMatchObject({
      sentCodes: 4,
      extraCodes: 1,
      violations: [],
    });
    expect(violations([...requests, sent('a', 20), sent('a', 21)])).toEqual(['a email was sent 3 codes']);
  });

  it('reports a first attempt before the record of its user was read', () => {
    expect(violations(requests.filter(({ call }) => call !== 'read'))).toEqual([
      expect.stringMatching(/a was retried before its record was read/),
    ]);
    const otherCanary = [...requests.filter(({ call }) => call !== 'read'), read('b', 11)];
    expect(violations(otherCanary)).toEqual([expect.stringMatching(/a was retried before its record was read/)]);
    const readAfterwards = [...requests.filter(({ call }) => call !== 'read'), read('a', 11.2)];
    expect(violations(readAfterwards)).toEqual([expect.stringMatching(/a was retried before its record was read/)]);
    expect(violations([...requests, read('b', 10.5)])).toEqual([]);
  });

  it('reports attempts that do not wait for the canary', () => {
    const withoutWait = [failed('a'), failed('b'), read('a', 11), sent('a', 11.1), sent('b', 11.2)];
    expect(violations(withoutWait)).toEqual([expect.stringMatching(/did not wait for the canary/)]);
  });

  it('reports a rate that is too high, at the start and later', () => {
    const sendsEvery = (count: number, from: number, every: number) =>
      Array.from({ length: count }, (_, nth) => [
        failed(`m${from}-${nth}`),
        sent(`m${from}-${nth}`, from + nth * every),
      ]).flat();
    const head = [failed('a'), read('a', 11), sent('a', 11)];
    expect(violations([...head, ...sendsEvery(16, 12, 0.5)])).toEqual([
      expect.stringMatching(/17 were retried in ten seconds/),
    ]);
    expect(violations([...head, ...sendsEvery(12, 30, 0.1)])).toEqual([
      expect.stringMatching(/12 were retried in two seconds/),
    ]);
    expect(violations([...head, ...sendsEvery(12, 30, 0.25)])).toEqual([]);
  });

  it('reports that there was no attempt', () => {
    expect(violations([failed('a')])).toEqual([expect.stringMatching(/no journey was retried/)]);
  });

  it('checks each recovery of the provider separately', () => {
    const twoOutages: ProviderChange[] = [...changes, { at: at(13), provider: 'down' }, { at: at(20), provider: 'up' }];
    const log = [...requests.slice(0, -1), failed('c', 14), read('c', 21), sent('c', 21.2)];
    expect(verifyOutcome(log, twoOutages, rate).drains).toMatchObject([
      { canary: 'a', recovered: 2 },
      { canary: 'c', recovered: 1 },
    ]);
    expect(violations(log, twoOutages)).toEqual([]);
  });
});
