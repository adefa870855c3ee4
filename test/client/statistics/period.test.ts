import { describe, expect, it } from '@jest/globals';
import { periodOf, spanBefore } from '../../../client/statistics/period.ts';

const now = Date.parse('2026-03-29T10:20:30Z');
const at = (time: number) => new Date(time).toISOString();

describe('the period of statistics', () => {
  it('has the last 24 hours, the current one included', () => {
    const { from, to, spans } = periodOf({}, now);
    expect([at(from), at(to), spans.length]).toEqual(['2026-03-28T11:00:00.000Z', '2026-03-29T11:00:00.000Z', 24]);
    expect(spans[0]?.from).toBe(from);
    expect(spans.at(-1)?.to).toBe(to);
  });

  it('has the last 30 days by day, in UTC', () => {
    const { from, to, spans } = periodOf({ resolution: 'day' }, now);
    expect([at(from), at(to), spans.length]).toEqual(['2026-02-28T00:00:00.000Z', '2026-03-30T00:00:00.000Z', 30]);
  });

  it('is widened to whole hours, and follows the one of the same length before it', () => {
    const period = periodOf({ from: '2026-03-29T01:30:00Z', to: '2026-03-29T03:10:00+00:00' }, now);
    expect([at(period.from), at(period.to)]).toEqual(['2026-03-29T01:00:00.000Z', '2026-03-29T04:00:00.000Z']);
    expect(at(spanBefore(period).from)).toBe('2026-03-28T22:00:00.000Z');
  });

  it.each([
    ['to', { to: 'yesterday' }, 'RFC 3339'],
    ['from', { from: '2026-03-30T00:00:00Z', to: '2026-03-29T00:00:00Z' }, "'from' must be before 'to'"],
    ['from', { from: '2026-01-01T00:00:00Z' }, 'at most 168 points by hour'],
    ['from', { from: '2026-01-01T00:00:00Z', resolution: 'day' as const }, 'at most 31 points by day'],
  ])('rejects %s in %j', (field, request, message) => {
    expect(() => periodOf(request, now)).toThrow(
      expect.objectContaining({ code: 'bad_request', field, message: expect.stringContaining(message) }),
    );
  });
});
