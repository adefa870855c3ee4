import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { noGuesses } from '../../workflows/context.ts';
import { timelineOf } from '../../workflows/log.ts';
import { MINUTE } from '../../workflows/policy.ts';
import { statusOf } from '../../workflows/status.ts';
import { live, livesUnder, policiesWith } from './lives.ts';
import { nameAt } from './place.ts';
import type { Place } from './place.ts';
import { brokenBy } from './properties.ts';
import { explore, settings, smallPolicy } from './space.ts';
import type { Space } from './space.ts';
import type { Change } from './take.ts';

const lives = livesUnder(
  policiesWith({
    cooldowns: fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { minLength: 1, maxLength: 4 }),
    sends: fc.record({ per10Minutes: fc.integer({ min: 1, max: 5 }), perDay: fc.integer({ min: 1, max: 10 }) }),
    guesses: fc.record({ perCode: fc.integer({ min: 1, max: 3 }), perChannel: fc.integer({ min: 1, max: 6 }) }),
  }),
);
const smallLives = livesUnder(
  policiesWith({
    cooldowns: fc.tuple(fc.integer({ min: 1, max: 10 * MINUTE })),
    sends: fc.constant(smallPolicy.sends),
    guesses: fc.constant(smallPolicy.guesses),
  }),
);

describe('whatever people, sFOX and the clock do, restarts among it', () => {
  it('no promise is broken, whatever the policy', () => {
    fc.assert(
      fc.property(lives, (life) => {
        expect(live(life).flatMap(brokenBy)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('a status and a timeline can be told', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const last = live(life).at(-1)?.after.journey;
        if (last === undefined) return;
        const status = statusOf(last);
        expect(status.updatedAt).not.toBeNull();
        expect(JSON.parse(JSON.stringify(status))).toEqual(status);
        expect(timelineOf(last.log).every(({ what }) => what.length > 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('revisions only grow', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const revisions = live(life).map(({ after }) => after.journey.revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a journey on a real clock', () => {
  let space: Space;
  beforeAll(() => {
    space = explore(settings());
  });

  it('never leaves the state space, nor goes a way that is not in it, whatever its durations', () => {
    fc.assert(
      fc.property(smallLives, (life) => {
        expect(
          live(life)
            .filter((change) => !isIn(space, change))
            .map(told),
        ).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/**
 * A late alarm may fire several delays at once, which are several ways of the state space; and what a restart carries for
 * the phone is left out of it until the e-mail is verified. Of these two only the ends are looked up.
 */
function isIn({ places, ways }: Space, { before, move, after, at }: Change): boolean {
  const from = nameAt(before.journey, before.asked, at).name;
  const to = nameAt(after.journey, after.asked, at).name;
  if (!places.has(from) || !places.has(to)) return false;
  if (move.kind === 'alarm' || bringsTheCarried(before, after)) return true;
  return (ways.get(from) ?? []).some((way) => way.to === to && way.move === move);
}

function bringsTheCarried(before: Place, after: Place): boolean {
  const [was, is] = [before, after].map(({ journey }) => journey.snapshot.context);
  const carries = was?.ledger.some(({ channel }) => channel === 'sms') === true || was?.guesses.sms !== noGuesses;
  return carries && was?.evidence.email === null && is?.evidence.email !== null;
}

const told = ({ before, move, after, at }: Change) => ({
  from: nameAt(before.journey, before.asked, at).name,
  move,
  to: nameAt(after.journey, after.asked, at).name,
});
