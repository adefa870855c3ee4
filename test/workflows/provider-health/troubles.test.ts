import { describe, expect, it } from '@jest/globals';
import { replyKinds } from '../../../activities/sfox/attempt-outcome.ts';
import type { ReplyKind } from '../../../activities/contract.ts';
import { healthAt } from '../../../client/monitoring/provider-health.ts';
import { HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { ProviderHealthState, AttemptCounts } from '../../../workflows/provider-health/contract.ts';
import { recordAttempts, emptyHealth } from '../../../workflows/provider-health/counters.ts';
import { troubleOf } from '../../../workflows/provider-health/troubles.ts';

const noon = Date.parse('2026-01-05T12:00:00.000Z');

/** One request about a user, as a worker reports it. */
function tried(reply: ReplyKind, user: number): AttemptCounts {
  const trouble = troubleOf[reply];
  const users = { all: [user], ...(trouble !== null && { [trouble]: [user] }) };
  return { sends: 1, replies: { [reply]: 1 }, users };
}

type ProviderReplyAt = readonly [at: number, reply: ReplyKind, user: number];
const report = (all: readonly ProviderReplyAt[], pulse: ProviderHealthState = emptyHealth) =>
  all.reduce((before, [at, reply, user]) => recordAttempts(before, tried(reply, user), at), pulse);
const some = (count: number, at: number, reply: ReplyKind, users = count): ProviderReplyAt[] =>
  Array.from({ length: count }, (_, nth) => [at, reply, nth % users]);
const troublesAt = (pulse: ProviderHealthState, at: number) => healthAt(pulse, at).troubles;

describe('provider trouble', () => {
  it.each([
    ['failing', '5xx'],
    ['failing', '3xx'],
    ['failing', 'unreadable'],
    ['unknown', 'unknown'],
    ['silent', 'unreached'],
    ['rateLimited', '429'],
    ['keyRefused', '401'],
  ] as const)('is %s when several users get %s', (kind, reply) => {
    const pulse = report(some(3, noon, reply));
    expect(troublesAt(pulse, noon + 30 * SECOND)).toEqual([
      { kind, since: '2026-01-05T12:00:00.000Z', failed: 3, requests: 3 },
    ]);
  });

  it('has no other kinds, and none for a conclusive reply', () => {
    const untroubled = replyKinds.filter((kind) => troubleOf[kind] === null);
    expect(untroubled.toSorted()).toEqual(['2xx', '4xx', 'already_verified', 'other_provider', 'unknown_record']);
    for (const reply of untroubled) expect(troublesAt(report(some(20, noon, reply)), noon)).toEqual([]);
  });

  it.each(['5xx', '401', '429', 'unknown', 'unreached'] as const)(
    'is not one user, nor two, who always get %s',
    (reply) => {
      const alone = report(some(40, noon, reply, 2));
      expect(troublesAt(alone, noon)).toEqual([]);
      const among = report(some(10, noon, '2xx'), alone);
      expect(troublesAt(among, noon)).toEqual([]);
    },
  );

  it('is not a few failures among many good replies', () => {
    const pulse = report([...some(60, noon, '2xx'), ...some(8, noon, '5xx')]);
    expect(troublesAt(pulse, noon)).toEqual([]);
  });

  it('is seen within a minute of good replies, and is over with good ones', () => {
    const good = report(Array.from({ length: 10 }, (_, nth) => some(30, noon + nth * MINUTE, '2xx')).flat());
    const failing = report(some(12, noon + 10 * MINUTE, '5xx'), good);
    expect(troublesAt(failing, noon + 10 * MINUTE)).toMatchObject([{ kind: 'failing', failed: 12, requests: 12 }]);
    const back = report(some(12, noon + 11 * MINUTE, '2xx'), failing);
    expect(troublesAt(back, noon + 11 * MINUTE)).toEqual([]);
  });

  it('keeps the time at which it began while only canaries are tried, once a minute', () => {
    let pulse = report(some(12, noon, 'unreached'));
    for (let nth = 1; nth < 60; nth += 1) {
      pulse = report([[noon + nth * MINUTE, 'unreached', nth]], pulse);
      const [trouble] = troublesAt(pulse, noon + nth * MINUTE + 50 * SECOND);
      expect(trouble).toMatchObject({ kind: 'silent', since: '2026-01-05T12:00:00.000Z' });
    }
    expect(troublesAt(pulse, noon + 2 * HOUR)).toEqual([]);
    const later = report(some(3, noon + 9 * HOUR, 'unreached'), pulse);
    expect(troublesAt(later, noon + 9 * HOUR)).toMatchObject([{ since: '2026-01-05T21:00:00.000Z' }]);
  });

  it('is over some minutes after the last failure, even without sign-ups', () => {
    const pulse = report(some(3, noon, '5xx'));
    expect(troublesAt(pulse, noon + 2 * MINUTE)).toHaveLength(1);
    expect(troublesAt(pulse, noon + 3 * MINUTE)).toEqual([]);
  });

  it('reports two kinds if both are frequent, and the most frequent if each is rare', () => {
    const both = report([...some(5, noon, '401'), ...some(5, noon, '5xx')]);
    expect(troublesAt(both, noon).map(({ kind }) => kind)).toEqual(['keyRefused', 'failing']);
    const mixed = report([...some(15, noon, '2xx'), ...some(2, noon, 'unknown'), ...some(3, noon, '5xx')]);
    expect(troublesAt(mixed, noon)).toMatchObject([{ kind: 'failing', failed: 5, requests: 20 }]);
  });

  it('is not one user whose key is refused, one who is limited and one who gets errors', () => {
    const pulse = report([[noon, '401', 1], [noon, '429', 2], [noon, '5xx', 3], ...some(4, noon, '2xx')]);
    expect(troublesAt(pulse, noon)).toEqual([]);
  });

  it('keeps a bounded number of digests of users', () => {
    const [minute] = report(some(500, noon, '5xx')).minutes;
    expect(minute?.users?.failing?.length).toBeLessThanOrEqual(8);
    expect(minute?.users?.all?.length).toBeLessThanOrEqual(8);
  });
});
