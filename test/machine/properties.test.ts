import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { moves } from '../../client/diagram/walk.ts';
import { accountTypes } from '../../workflows/context.ts';
import type { JourneyInput } from '../../workflows/context.ts';
import { endingOf } from '../../workflows/ending.ts';
import type { JourneyEvent } from '../../workflows/events.ts';
import { timelineOf } from '../../workflows/log.ts';
import { DAY, defaultPolicy, HOUR, MINUTE, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import { statusOf } from '../../workflows/status.ts';
import { advance, alarmAt, begin, wake } from '../../workflows/step.ts';
import type { Journey, Step } from '../../workflows/step.ts';
import { faults } from './invariants.ts';
import { MORNING, restartedWith } from './support.ts';

const policies: fc.Arbitrary<Policy> = fc.record({
  firstEmail: fc.constantFrom('send', 'alreadySent'),
  smsStart: fc.constantFrom('automatic', 'onRequest'),
  retrySendFor: fc.constant(defaultPolicy.retrySendFor),
  callTimeout: fc.constant(defaultPolicy.callTimeout),
  cooldowns: fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { minLength: 1, maxLength: 4 }),
  sends: fc.record({ per10Minutes: fc.integer({ min: 1, max: 5 }), perDay: fc.integer({ min: 1, max: 10 }) }),
  guesses: fc.record({ perCode: fc.integer({ min: 1, max: 3 }), perChannel: fc.integer({ min: 1, max: 6 }) }),
  codeLife: fc.integer({ min: 0, max: HOUR }),
  reminderAfter: fc.integer({ min: 0, max: DAY }),
  journeyLife: fc.integer({ min: 1, max: 7 * DAY }),
});

/** Something is told after a while, or an alarm is let ring; an alarm that is due may be late. */
const events = moves.filter(({ type }) => type !== 'alarm' && type !== 'coolDown') as Omit<JourneyEvent, 'at'>[];
const happenings = fc.record({
  after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: MINUTE }), fc.integer({ min: 1, max: 2 * DAY })),
  event: fc.option(fc.constantFrom(...events)),
});
const beginning = fc.record({ policy: policies, accountType: fc.constantFrom(...accountTypes) });
const lives = fc.tuple(beginning, fc.array(happenings, { maxLength: 120 }));
type Life = typeof lives extends fc.Arbitrary<infer T> ? T : never;

describe('whatever people, sFOX and the clock do', () => {
  it('no promise is broken', () => {
    fc.assert(
      fc.property(lives, (life) => {
        for (const { before, step } of live(life)) expect(faults(before, step)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('a status and a timeline can be told', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const last = live(life).at(-1)?.step.journey;
        if (last === undefined) return;
        const status = statusOf(last);
        expect(status.updatedAt).not.toBeNull();
        expect(JSON.parse(JSON.stringify(status))).toEqual(status);
        expect(timelineOf(last.log).every(({ what }) => what.length > 0)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('a restart breaks none either', () => {
    fc.assert(
      fc.property(lives, lives, fc.integer({ min: 0, max: DAY }), (first, second, after) => {
        const ended = live(first).at(-1)?.step.journey;
        if (ended === undefined) return;
        const carried = { ...endingOf(ended).carried };
        const { accountType } = first[0];
        const policy = { ...first[0].policy, firstEmail: 'send' as const };
        const again = live([{ policy, accountType }, second[1]], {
          ...restartedWith(carried),
          at: ended.updatedAt + after,
        });
        for (const { before, step } of again) expect(faults(before, step)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('revisions only grow', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const revisions = live(life).map(({ step }) => step.journey.revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });
});

interface Moment {
  readonly before: Journey;
  readonly step: Step;
}

function live([{ policy, accountType }, happened]: Life, more: Partial<JourneyInput> = {}): Moment[] {
  let clock = more.at ?? MORNING;
  let { journey } = begin({ userId: 'ada', accountType, policy, at: clock, ...more });
  const moments: Moment[] = [];
  const take = (step: Step) => {
    moments.push({ before: journey, step });
    ({ journey } = step);
  };
  for (const { after, event } of happened) {
    clock += after;
    if (event !== null) take(advance(journey, { ...event, at: clock } as JourneyEvent));
    else {
      clock = Math.max(clock, Math.min(alarmAt(journey) ?? clock, clock + 8 * DAY)) + SECOND;
      take(wake(journey, clock));
    }
  }
  return moments;
}
