import { describe, expect, it } from '@jest/globals';
import { clockCheck } from '../../../client/doctor/worker-checks.ts';

describe('the clocks', () => {
  const now = Date.UTC(2026, 0, 1);
  const minute = 60_000;
  const provider = { type: 'record.read', record: { email: null, sms: null } } as const;
  const checkClock = (here: number, worker: number) =>
    clockCheck(
      { before: now + here, server: now, after: now + here + 20 },
      { type: 'reported', report: { clock: { before: now, worker: now + worker, after: now + 20 }, provider } },
    );

  it('may differ by a minute', () => {
    const found = "this machine's clock agrees with the server's, the worker's clock agrees with the server's";
    expect(checkClock(-10, 10)).toEqual({ name: 'clock', code: 'clock', ok: true, found, fix: null });
    expect(checkClock(minute, 0).ok).toBe(true);
    expect(checkClock(0, -minute)).toMatchObject({
      ok: true,
      found: expect.stringContaining("is 60 s behind the server's"),
    });
  });

  it.each([
    [minute + 1_000, 0, "this machine's clock is 61 s ahead of the server's"],
    [-minute - 1_020, 0, "this machine's clock is 61 s behind the server's"],
    [0, 300_020, "the worker's clock is 300 s ahead of the server's"],
    [0, -300_000, "the worker's clock is 300 s behind the server's"],
  ])('fail the check if this machine is off by %i ms and the worker by %i ms', (here, worker, words) => {
    expect(checkClock(here, worker)).toMatchObject({
      ok: false,
      found: expect.stringContaining(words),
      fix: expect.stringContaining('NTP'),
    });
  });

  it('are compared with the server if no worker answers', () => {
    const ahead = { before: now + 90_000, server: now, after: now + 90_010 };
    expect(clockCheck(ahead, { type: 'unanswered', isTaken: false })).toMatchObject({
      ok: false,
      found: "this machine's clock is 90 s ahead of the server's",
    });
  });
});
