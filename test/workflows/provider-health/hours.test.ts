import { describe, expect, it } from '@jest/globals';
import { reportsWithin } from '../../../client/statistics/reports.ts';
import { DAY, HOUR } from '../../../workflows/journey/policy/policy.ts';
import type { AttemptCounts, HourCounts } from '../../../workflows/provider-health/contract.ts';
import { hourOf, recordHour } from '../../../workflows/provider-health/hours.ts';

const noon = Date.parse('2026-01-05T12:00:00.000Z');
const sent: AttemptCounts = {
  sends: 1,
  replies: { '2xx': 1 },
  users: { all: [7] },
  durations: [0, 1, 0, 0, 0, 0, 0, 0, 0],
  events: { 'send.email.sent': 1 },
};
const failed: AttemptCounts = {
  sends: 1,
  replies: { '5xx': 1 },
  durations: [0, 0, 0, 0, 0, 0, 0, 0, 1],
  events: { 'stalled.providerUnavailable': 1 },
};
const record = (reports: readonly (readonly [number, AttemptCounts])[]) =>
  reports.reduce<readonly HourCounts[]>((hours, [at, counts]) => recordHour(hours, counts, at), []);

describe('the hours of the provider health', () => {
  it('add up what was reported in one hour, without users', () => {
    const hours = record([
      [noon, sent],
      [noon + HOUR - 1, failed],
      [noon + HOUR, sent],
    ]);
    expect(hours).toHaveLength(2);
    expect(JSON.stringify(hours)).not.toContain('users');
    expect(reportsWithin(hours, { from: noon, to: noon + HOUR })).toMatchObject({
      requests: 2,
      failed: 1,
      replies: { '2xx': 1, '5xx': 1, '429': 0 },
      p50: 100,
      p95: null,
      sends: { email: { sent: 1, unknown: 0 }, sms: { sent: 0 } },
      stalled: { providerUnavailable: 1, sendLimit: 0 },
    });
    expect(reportsWithin(hours, { from: noon, to: noon + DAY })).toMatchObject({ requests: 3, failed: 1 });
  });

  it('are stored for 30 days, in less than a quarter of a megabyte', () => {
    const busy: AttemptCounts = {
      ...sent,
      replies: { '2xx': 123_456, '5xx': 1_234, already_verified: 123, unknown: 12 },
      durations: [12_345, 123_456, 1_234, 123, 12, 1, 0, 0, 0],
      events: { 'send.email.sent': 12_345, 'send.sms.sent': 12_345, 'verified.email.code': 12_345 },
    };
    const hours = record(Array.from({ length: 31 * 24 }, (_, nth) => [noon + nth * HOUR, busy] as const));
    expect(hours).toHaveLength(30 * 24);
    expect(hours.at(-1)?.hour).toBe(hourOf(noon) + 31 * 24 - 1);
    expect(JSON.stringify(hours).length).toBeLessThan(250_000);
  });

  it('count for the newest hour after a clock was set back', () => {
    const hours = record([
      [noon, sent],
      [noon - HOUR, sent],
    ]);
    expect(hours).toMatchObject([{ hour: hourOf(noon), sends: 2 }]);
  });
});
