import { describe, expect, it } from '@jest/globals';
import { replyKinds } from '../../activities/kind.ts';
import { healthAt } from '../../client/pulse.ts';
import { HOUR, MINUTE, SECOND } from '../../workflows/policy.ts';
import type { Pulse, Tries } from '../../workflows/pulse/contract.ts';
import { heard, silent } from '../../workflows/pulse/minutes.ts';

const noon = Date.parse('2026-01-05T12:00:00.000Z');
const sent: Tries = { sends: 1, replies: { '2xx': 1 } };
const failed: Tries = { sends: 2, replies: { '5xx': 2 } };
const hear = (tries: readonly (readonly [number, Tries])[], pulse: Pulse = silent) =>
  tries.reduce((before, [at, what]) => heard(before, what, at), pulse);

describe('the minutes of a pulse', () => {
  it('add up what comes in one minute, and begin another with the next', () => {
    const pulse = hear([
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

  it('are the last fifteen, whatever was heard in them, and every class of reply in each', () => {
    const { minutes, replies } = healthAt(hear([[noon, sent]]), noon + 14 * MINUTE + 59 * SECOND);
    expect(minutes.map(({ at }) => Date.parse(at))).toEqual(Array.from({ length: 15 }, (_, n) => noon + n * MINUTE));
    for (const each of [replies, ...minutes.map((minute) => minute.replies)]) {
      expect(Object.keys(each).toSorted()).toEqual(replyKinds.toSorted());
    }
    expect(replies['2xx']).toBe(1);
    expect(healthAt(hear([[noon, sent]]), noon + 15 * MINUTE).replies['2xx']).toBe(0);
  });

  it('are dropped once they are too old, so that what is kept stays small', () => {
    const day = Array.from({ length: 24 * 60 }, (_, nth) => [noon + nth * MINUTE, sent] as const);
    expect(hear(day).minutes).toHaveLength(15);
    expect(hear([[noon + 15 * MINUTE, failed]], hear([[noon, sent]])).minutes).toHaveLength(1);
  });

  it('remember the last reply that judged, beyond the fifteen', () => {
    const verified: Tries = { sends: 0, replies: { already_verified: 1 } };
    const last = (pulse: Pulse) => healthAt(pulse, noon + HOUR).lastGoodAt;
    expect(last(hear([[noon, failed]]))).toBeNull();
    const good = hear([
      [noon, sent],
      [noon + SECOND, verified],
      [noon + HOUR, failed],
    ]);
    expect(last(good)).toBe('2026-01-05T12:00:01.000Z');
  });

  it('stay in order where a clock was set back, and are shown to whoever is behind it', () => {
    const pulse = hear([
      [noon, sent],
      [noon - 5 * MINUTE, failed],
    ]);
    expect(pulse.minutes).toHaveLength(1);
    expect(healthAt(pulse, noon - 2 * MINUTE).minutes.at(-1)).toMatchObject({ sends: 3 });
  });
});
