import { describe, expect, it } from '@jest/globals';
import { timelineOf } from '../../../workflows/journey/status/timeline.ts';
import { appendEntry } from '../../../workflows/journey/stored/log.ts';
import type { LogEntry } from '../../../workflows/journey/stored/log.ts';

const channel = 'email' as const;
const shop = { role: 'app', name: 'shop' } as const;
const night = { role: 'operator', name: 'night' } as const;
const record = { email: 'open', sms: 'open' } as const;

function logOf(count: number, entryAt: (nth: number) => LogEntry): readonly LogEntry[] {
  let log: readonly LogEntry[] = [];
  for (let nth = 0; nth < count; nth += 1) log = appendEntry(log, entryAt(nth));
  return log;
}

describe('a long log', () => {
  it('keeps what an operator did, and folds the rechecks around it', () => {
    const log = logOf(2_000, (nth) => {
      if (nth === 100) return { type: 'pause', at: nth, channel, by: night, reason: 'to be sure' };
      if (nth % 2 === 0) return { type: 'recheck', at: nth, channel, by: shop, reason: null };
      return { type: 'record.read', at: nth, channel, record };
    });
    expect(log).toHaveLength(500);
    expect(log.filter(({ type }) => type === 'pause')).toMatchObject([{ at: 100, by: night }]);
    expect(log.reduce((sum, { repeats }) => sum + (repeats?.times ?? 1), 0)).toBe(2_000);
    const folded = timelineOf(log).filter(({ what }) => what.includes('times since'));
    expect(folded.map(({ what }) => what).toSorted()).toEqual([
      expect.stringMatching(/^Read the provider's record \(\d{3} times since 1970-/),
      expect.stringMatching(/^Requested the provider's record \(\d{3} times since 1970-/),
    ]);
  });

  it('drops no act of an operator, however many there are', () => {
    const log = logOf(700, (nth) => ({ type: 'pause', at: nth, channel, by: night, reason: `reason ${nth}` }));
    expect(log).toHaveLength(700);
    const same = logOf(700, (nth) => ({ type: 'pause', at: nth, channel, by: night, reason: 'the same' }));
    expect(same).toHaveLength(500);
    expect(same.reduce((sum, { repeats }) => sum + (repeats?.times ?? 1), 0)).toBe(700);
  });
});
