import { describe, expect, it } from '@jest/globals';
import { contextOf } from '../../client/docs/explore.ts';
import type { Exploration } from '../../client/docs/explore.ts';
import { replayTimeline } from '../../client/journey-log/status-history.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import { resultOf } from '../../workflows/journey/status/result.ts';
import { parseCarried } from '../../workflows/journey/stored/parse-carried.ts';
import { parseLog } from '../../workflows/journey/stored/parse-log.ts';
import { firstEdges } from './edges.ts';

describe('a log that Temporal has stored', () => {
  it('is read as it was written, for every event of the machine, and never contains a code', () => {
    const logs = firstEdges().map(({ to }) => to.journey.log);
    const types = new Set(logs.flatMap((log) => log.map(({ type }) => type)));
    expect(types.size).toBeGreaterThan(25);
    for (const log of logs) expect(parseLog(JSON.parse(JSON.stringify(log)))).toEqual(log);
    expect(JSON.stringify(logs)).not.toContain('123456');
  });
});

describe('what a journey carries over', () => {
  it('is read as it was written', () => {
    for (const { to } of firstEdges().slice(0, 500)) {
      const { carried } = resultOf(to.journey);
      expect(parseCarried(JSON.parse(JSON.stringify(carried)))).toEqual(carried);
    }
  });
});

/** The journey's own status, without its counters. */
const statusAt = ({ journey }: Exploration) => ({ ...statusOf(journey), revision: expect.any(Number) });

it('returns the status in every state of the machine, for every last event', () => {
  const arrivals = new Map(
    firstEdges().map(({ to }) => [JSON.stringify([to.journey.snapshot.value, to.journey.log.at(-1)?.type]), to]),
  );
  expect(arrivals.size).toBeGreaterThan(100);
  for (const to of arrivals.values()) {
    const replayed = replayTimeline(to.journey.log, contextOf(to));
    expect(replayed).toHaveLength(to.journey.log.length);
    expect(replayed.at(-1)).toEqual(statusAt(to));
  }
});
