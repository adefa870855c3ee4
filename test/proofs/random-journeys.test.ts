import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { timelineOf } from '../../workflows/journey/status/timeline.ts';
import { MINUTE } from '../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import { runJourney, journeysUnder, policiesWith } from './random-journeys.ts';
import { brokenProperties } from './properties.ts';

const lives = journeysUnder(
  policiesWith({
    cooldowns: fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { minLength: 1, maxLength: 4 }),
    sends: fc.record({ per10Minutes: fc.integer({ min: 1, max: 5 }), perDay: fc.integer({ min: 1, max: 10 }) }),
    guesses: fc.record({ perCode: fc.integer({ min: 1, max: 3 }), perChannel: fc.integer({ min: 1, max: 6 }) }),
  }),
);

describe('a random journey with a random policy', () => {
  it('breaks no property', () => {
    fc.assert(
      fc.property(lives, (randomJourney) => {
        expect(runJourney(randomJourney).flatMap(brokenProperties)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('has a status and a timeline', () => {
    fc.assert(
      fc.property(lives, (randomJourney) => {
        const last = runJourney(randomJourney).at(-1)?.after.journey;
        if (last === undefined) return;
        const status = statusOf(last);
        expect(status.updatedAt).not.toBeNull();
        expect(JSON.parse(JSON.stringify(status))).toEqual(status);
        expect(timelineOf(last.log).every(({ what }) => what.length > 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('never decreases its revision', () => {
    fc.assert(
      fc.property(lives, (randomJourney) => {
        const revisions = runJourney(randomJourney).map(({ after }) => after.journey.revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });
});
