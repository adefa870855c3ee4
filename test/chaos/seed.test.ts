import { describe, expect, it } from '@jest/globals';
import { cast } from '../../sandbox/chaos/cast.ts';
import { asked, deal } from '../../sandbox/chaos/faults.ts';
import { roles } from '../../sandbox/chaos/roles.ts';
import { forecast, upsets } from '../../sandbox/chaos/storm.ts';
import { isFault } from '../../sandbox/sfox/faults.ts';

const gap = { least: 100, most: 200 };
const storm = (seed: number) => {
  const coming = forecast(seed, gap);
  return Array.from({ length: 8 }, () => coming.next().value);
};

describe('a seed of chaos', () => {
  it('gives the same people, faults and upsets again, and another gives others', () => {
    expect(cast(7, 50)).toEqual(cast(7, 50));
    expect(cast(8, 50)).not.toEqual(cast(7, 50));
    expect(deal(7, 'ada', 'send')).toEqual(deal(7, 'ada', 'send'));
    expect(storm(7)).toEqual(storm(7));
    expect(storm(8)).not.toEqual(storm(7));
  });

  it('has every role among ten people, and shares that make a hundred', () => {
    expect(new Set(cast(7, 10).map(({ role }) => role.name)).size).toBe(roles.length);
    expect(roles.reduce((sum, { share }) => sum + share, 0)).toBe(100);
  });

  it('has every kind of upset among four, within the gap', () => {
    for (const four of [storm(7).slice(0, 4), storm(7).slice(4)]) {
      expect(new Set(four.map(({ what }) => what))).toEqual(new Set(upsets));
      expect(four.every(({ wait }) => wait >= gap.least && wait <= gap.most)).toBe(true);
    }
  });

  it('has three requests in ten meet a fault that the simulator knows', () => {
    const dealt = asked.flatMap((call) => cast(7, 200).flatMap(({ userId }) => deal(7, userId, call)));
    expect(dealt.every(isFault)).toBe(true);
    const share = dealt.filter((fault) => fault !== 'ok').length / dealt.length;
    expect(share).toBeGreaterThan(0.27);
    expect(share).toBeLessThan(0.33);
  });
});
