import { expect, it } from '@jest/globals';
import { retrace } from '../../client/past.ts';
import { beginnings, contextOf, edgesFrom, move, moves, setOut } from '../../client/diagram/walk.ts';
import type { Walk } from '../../client/diagram/walk.ts';
import { endingOf } from '../../workflows/ending.ts';
import { noted } from '../../workflows/log.ts';
import { statusOf } from '../../workflows/status.ts';

/** What a journey's own status says of it, without how far it has counted. */
const stoodAt = ({ journey }: Walk) => ({ ...statusOf(journey), revision: expect.any(Number) });

it('tells how a journey stood in every place of the machine, whatever led there last', () => {
  const [input] = beginnings();
  if (input === undefined) throw new Error('no beginning');
  const arrivals = new Map(
    edgesFrom(input).map(({ to }) => [JSON.stringify([to.journey.snapshot.value, to.journey.log.at(-1)?.what]), to]),
  );
  expect(arrivals.size).toBeGreaterThan(100);
  for (const to of arrivals.values()) {
    const stood = retrace(to.journey.log, contextOf(to));
    expect(stood).toHaveLength(to.journey.log.length);
    expect(stood.at(-1)).toEqual(stoodAt(to));
  }
});

it('tells of each entry on the way', () => {
  const [input] = beginnings();
  if (input === undefined) throw new Error('no beginning');
  let walk = setOut(input);
  const seen = [stoodAt(walk)];
  const told = ['codeSent', 'submitCode', 'codeWrong', 'pause', 'resume', 'override'];
  for (const next of told.flatMap((type) => moves.filter((each) => each.type === type))) {
    const moved = move(walk, next);
    if (moved.journey !== walk.journey) seen.push(stoodAt(moved));
    walk = moved;
  }
  expect(retrace(walk.journey.log, contextOf(walk))).toEqual(seen);
  expect(seen.length).toBeGreaterThan(3);
});

it('carries the counters of a journey into the one that was begun after it, and tells of the newest alone', () => {
  const [input] = beginnings();
  if (input === undefined) throw new Error('no beginning');
  const sent = move(setOut(input), { type: 'codeSent', to: null });
  const ended = move(sent, { type: 'cancel', by: { role: 'operator', name: 'night' }, reason: 'asked for' });
  const again = setOut({
    ...input,
    at: ended.clock + 60_000,
    restarted: { by: { role: 'operator', name: 'night' }, reason: 'again', carried: endingOf(ended.journey).carried },
  });
  const stood = retrace(again.journey.log, contextOf(again));
  expect(stood).toEqual([null, null, null, stoodAt(again)]);
  expect(stood.at(-1)?.email?.sends).toBe(1);
});

it('says nothing where the log does not say everything', () => {
  const [input] = beginnings();
  if (input === undefined) throw new Error('no beginning');
  const { journey } = move(setOut(input), { type: 'codeSent', to: null });
  const [start] = journey.log;
  if (start === undefined) throw new Error('no start');
  const entry = { ...start, channel: 'email' } as const;
  const recheck = { ...entry, what: 'recheck' } as const;
  const unsaid = [...journey.log, recheck, { ...entry, what: 'recordRead' } as const, recheck];
  expect(retrace(unsaid, contextOf({ journey })).map((stood) => stood?.step)).toEqual([
    'sending',
    'awaitingCode',
    'awaitingCode',
    undefined,
    undefined,
  ]);
  let long = journey.log;
  for (let n = 0; n < 600; n += 1) long = noted(long, { ...entry, what: n % 2 === 0 ? 'pause' : 'resume' });
  const stood = retrace(long, contextOf({ journey }));
  expect(stood.findIndex((one) => one === null)).toBe(50);
});
