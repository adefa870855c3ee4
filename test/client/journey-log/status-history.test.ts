import { expect, it } from '@jest/globals';
import { replayTimeline } from '../../../client/journey-log/status-history.ts';
import { initialInputs, contextOf, move, moves, startExploration } from '../../../client/docs/explore.ts';
import type { Exploration } from '../../../client/docs/explore.ts';
import { resultOf } from '../../../workflows/journey/status/result.ts';
import { appendEntry } from '../../../workflows/journey/stored/log.ts';
import { parseLog } from '../../../workflows/journey/stored/parse-log.ts';
import { statusOf } from '../../../workflows/journey/status/status.ts';

/** The journey's own status, without its counters. */
const statusAt = ({ journey }: Exploration) => ({ ...statusOf(journey), revision: expect.any(Number) });

it('returns a status for each log entry', () => {
  const [input] = initialInputs();
  if (input === undefined) throw new Error('no beginning');
  let walk = startExploration(input);
  const seen = [statusAt(walk)];
  const types = ['send.sent', 'submitCode', 'code.incorrect', 'pause', 'resume', 'override'];
  for (const next of types.flatMap((type) => moves.filter((each) => each.type === type))) {
    const moved = move(walk, next);
    if (moved.journey !== walk.journey) seen.push(statusAt(moved));
    walk = moved;
  }
  expect(replayTimeline(walk.journey.log, contextOf(walk))).toEqual(seen);
  expect(seen.length).toBeGreaterThan(3);
});

it('carries the counters over to a restarted journey and returns statuses only for the newest one', () => {
  const [input] = initialInputs();
  if (input === undefined) throw new Error('no beginning');
  const sent = move(startExploration(input), { type: 'send.sent', to: null });
  const ended = move(sent, { type: 'cancel', by: { role: 'operator', name: 'night' }, reason: 'asked for' });
  const again = startExploration({
    ...input,
    at: ended.clock + 60_000,
    restarted: { by: { role: 'operator', name: 'night' }, reason: 'again', carried: resultOf(ended.journey).carried },
  });
  const replayed = replayTimeline(again.journey.log, contextOf(again));
  expect(replayed).toEqual([null, null, null, statusAt(again)]);
  expect(replayed.at(-1)?.email?.sends).toBe(1);
});

it('returns null if the log is incomplete', () => {
  const [input] = initialInputs();
  if (input === undefined) throw new Error('no beginning');
  const { journey } = move(startExploration(input), { type: 'send.sent', to: null });
  const { at = 0 } = journey.log[0] ?? {};
  const entry = { at, channel: 'email', by: { role: 'onward', name: '' }, reason: null } as const;
  const recheck = { ...entry, type: 'recheck' } as const;
  const unsaid = parseLog([...journey.log, recheck, { ...entry, type: 'record.read' }, recheck]);
  expect(replayTimeline(unsaid, contextOf({ journey })).map((replayed) => replayed?.step)).toEqual([
    'sending',
    'awaitingCode',
    'awaitingCode',
    undefined,
    undefined,
  ]);
  let long = journey.log;
  for (let n = 0; n < 600; n += 1) long = appendEntry(long, { ...entry, type: n % 2 === 0 ? 'pause' : 'resume' });
  const replayed = replayTimeline(long, contextOf({ journey }));
  expect(replayed.findIndex((one) => one === null)).toBe(50);
});
