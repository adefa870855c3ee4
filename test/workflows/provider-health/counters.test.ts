import { describe, expect, it } from '@jest/globals';
import { replyKinds } from '../../../activities/sfox/attempt-outcome.ts';
import { healthAt } from '../../../client/monitoring/provider-health.ts';
import { HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { ProviderHealthState, AttemptCounts } from '../../../workflows/provider-health/contract.ts';
import { recordAttempts, emptyHealth } from '../../../workflows/provider-health/counters.ts';

const noon = Date.parse('2026-01-05T12:00:00.000Z');
const sent: AttemptCounts = { sends: 1, replies: { '2xx': 1 } };
const failed: AttemptCounts = { sends: 2, replies: { '5xx': 2 } };
const report = (tries: readonly (readonly [number, AttemptCounts])[], pulse: ProviderHealthState = emptyHealth) =>
  tries.reduce((before, [at, what]) => recordAttempts(before, what, at), pulse);

describe('the minutes of the provider health', () => {
  it('add up what comes in one minute, and begin another with the next', () => {
    const pulse = report([
      [noon, sent],
      [noon + MINUTE - 1, failed],
      [noon + MINUTE, sent],
    ]);
    const shown = healthAt(pulse, noon + MINUTE).minutes.slice(-2);
    expect(shown).toMatchObject([
      { at: '2026-01-05T12:00:00.000Z', sends: 3, replies: { '2xx': 1, '5xx': 2 } },
      { at: '2026-01-05T12:01:00.000Z', sends: 1, replies: { '2xx': 1, '5xx': 0 } },
    ]);
  });

  it('are the last fifteen, with every class of reply in each', () => {
    const { minutes, replies } = healthAt(report([[noon, sent]]), noon + 14 * MINUTE + 59 * SECOND);
    expect(minutes.map(({ at }) => Date.parse(at))).toEqual(Array.from({ length: 15 }, (_, n) => noon + n * MINUTE));
    for (const each of [replies, ...minutes.map((minute) => minute.replies)]) {
      expect(Object.keys(each).toSorted()).toEqual(replyKinds.toSorted());
    }
    expect(replies['2xx']).toBe(1);
    expect(healthAt(report([[noon, sent]]), noon + 15 * MINUTE).replies['2xx']).toBe(0);
  });

  it('are dropped when they are too old, so that the state stays small', () => {
    const day = Array.from({ length: 24 * 60 }, (_, nth) => [noon + nth * MINUTE, sent] as const);
    expect(report(day).minutes).toHaveLength(15);
    expect(report([[noon + 15 * MINUTE, failed]], report([[noon, sent]])).minutes).toHaveLength(1);
  });

  it('keep the last conclusive reply beyond the fifteen', () => {
    const verified: AttemptCounts = { sends: 0, replies: { already_verified: 1 } };
    const last = (pulse: ProviderHealthState) => healthAt(pulse, noon + HOUR).lastGoodAt;
    expect(last(report([[noon, failed]]))).toBeNull();
    const good = report([
      [noon, sent],
      [noon + SECOND, verified],
      [noon + HOUR, failed],
    ]);
    expect(last(good)).toBe('2026-01-05T12:00:01.000Z');
  });

  it('stay in order if a clock was set back, and are shown to readers behind it', () => {
    const pulse = report([
      [noon, sent],
      [noon - 5 * MINUTE, failed],
    ]);
    expect(pulse.minutes).toHaveLength(1);
    expect(healthAt(pulse, noon - 2 * MINUTE).minutes.at(-1)).toMatchObject({ sends: 3 });
  });
});
