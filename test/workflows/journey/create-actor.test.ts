import { afterEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { setTimeout as pause } from 'node:timers/promises';
import { createActor, SimulatedClock } from 'xstate';
import type { Actor } from 'xstate';
import type { JourneyEvent } from '../../../workflows/journey/events.ts';
import { onboarding } from '../../../workflows/journey/machine.ts';
import { DAY, defaultPolicy, MINUTE } from '../../../workflows/journey/policy/policy.ts';
import { positionOf } from '../../../workflows/journey/status/status.ts';
import { applyEvent, fireDueTimers, nextDueAt, startJourney } from '../../../workflows/journey/transition.ts';
import type { Snapshot } from '../../../workflows/journey/transition.ts';
import { NOW } from '../../proofs/canonical-state.ts';
import { mayCome, eventMoves } from '../../proofs/inputs.ts';
import { isRare, journeysUnder, policiesWith } from '../../proofs/random-journeys.ts';
import type { RandomJourney } from '../../proofs/random-journeys.ts';
import { removeCall, addCalls, noPendingCalls } from '../../proofs/state.ts';

let actor: Actor<typeof onboarding> | undefined;
afterEach(() => void actor?.stop());

/** A running actor whose first code was sent. */
function awaitingCode(clock?: SimulatedClock): Actor<typeof onboarding> {
  const at = Date.now();
  const input = { userId: 'ada', accountType: 'individual', policy: defaultPolicy, at } as const;
  actor = createActor(onboarding, { input, ...(clock && { clock }) }).start();
  actor.send({ type: 'send.sent', to: null, at });
  return actor;
}

const stepOf = (running: Actor<typeof onboarding>) => positionOf(running.getSnapshot()).step;

describe('the machine under createActor', () => {
  it('stays in awaitingCode on a real clock, whose time-outs overflow to 1 ms', async () => {
    const running = awaitingCode();
    expect(stepOf(running)).toBe('awaitingCode');
    await pause(100);
    expect(stepOf(running)).toBe('awaitingCode');
  });

  it('stays in awaitingCode on a simulated clock until the reminder is due', () => {
    const clock = new SimulatedClock();
    const running = awaitingCode(clock);
    clock.increment(DAY - MINUTE);
    expect(stepOf(running)).toBe('awaitingCode');
    clock.increment(MINUTE);
    expect(stepOf(running)).toBe('sending');
  });
});

const lives = journeysUnder(
  policiesWith({
    cooldowns: fc.array(fc.integer({ min: 0, max: 5 * MINUTE }), { minLength: 1, maxLength: 4 }),
    sends: fc.record({ per10Minutes: fc.integer({ min: 1, max: 5 }), perDay: fc.integer({ min: 1, max: 10 }) }),
    guesses: fc.record({ perCode: fc.integer({ min: 1, max: 3 }), perChannel: fc.integer({ min: 1, max: 6 }) }),
  }),
);

/** Lives a life twice, by our own steps and by an actor on a simulated clock: what each has come to after every event and delay. */
function runTwice({
  accountType,
  policy,
  steps,
}: RandomJourney): { readonly stepped: unknown; readonly acted: unknown }[] {
  const input = { userId: 'ada', accountType, policy, at: NOW };
  const clock = new SimulatedClock();
  const running = createActor(onboarding, { input, clock }).start();
  let { journey, effects } = startJourney(input);
  let requested = addCalls(noPendingCalls, effects);
  let now = NOW;
  const states: { stepped: unknown; acted: unknown }[] = [];
  const compare = () => states.push({ stepped: shown(journey.snapshot), acted: shown(running.getSnapshot()) });
  const advance = (until: number) => {
    clock.increment(until - now);
    now = until;
    // A timeout that the last one of a flush has set is left for the next flush, even if it is due.
    for (let before; before !== running.getSnapshot(); clock.increment(0)) before = running.getSnapshot();
  };
  for (const { after, alarm, pick } of steps) {
    const end = alarm ? Math.max(now + after, nextDueAt(journey) ?? 0) : now + after;
    for (let due = nextDueAt(journey); due !== undefined && due <= end; due = nextDueAt(journey)) {
      advance(Math.max(due, now));
      ({ journey, effects } = fireDueTimers(journey, now));
      requested = addCalls(requested, effects);
      compare();
    }
    advance(end);
    const may = eventMoves.filter(
      (move) =>
        (pick % 8 === 0 || !isRare(move)) &&
        (move.kind === 'answer'
          ? mayCome(move.event.type, requested)
          : journey.snapshot.can({ ...move.event, at: now })),
    );
    const chosen = may[pick % may.length];
    if (chosen === undefined) continue;
    const event: JourneyEvent = { ...chosen.event, at: now };
    if (chosen.kind === 'answer') requested = removeCall(requested, event.type);
    running.send(event);
    ({ journey, effects } = applyEvent(journey, event));
    requested = addCalls(requested, effects);
    compare();
  }
  running.stop();
  return states;
}

const shown = ({ value, context, status }: Snapshot) => ({ value, context, status });

describe('an actor on a simulated clock', () => {
  it('comes to the same states and the same context as the pure steps of the workflow, delays included', () => {
    let [compared, longest] = [0, 0];
    fc.assert(
      fc.property(lives, (randomJourney) => {
        const states = runTwice(randomJourney);
        compared += states.length;
        longest = Math.max(longest, states.length);
        expect(states.map(({ acted }) => acted)).toEqual(states.map(({ stepped }) => stepped));
      }),
      { numRuns: 100 },
    );
    expect(compared).toBeGreaterThan(1_000);
    expect(longest).toBeGreaterThan(20);
  });
});
