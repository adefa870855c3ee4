import { describe, expect, it } from '@jest/globals';
import { getNextTransitions } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { edgesFrom, initialInputs, moves } from '../../client/docs/explore.ts';
import type { JourneyInput } from '../../workflows/journey/context.ts';
import type { JourneyEvent } from '../../workflows/journey/events.ts';
import { countedSends, currentChannel } from '../../workflows/journey/limits/limits.ts';
import { onboarding } from '../../workflows/journey/machine.ts';
import { SECOND } from '../../workflows/journey/policy/policy.ts';
import { fireDueTimers, nextDueAt } from '../../workflows/journey/transition.ts';
import type { Snapshot } from '../../workflows/journey/transition.ts';
import { smallestPolicy } from '../proofs/state-space.ts';
import { allEdges } from './edges.ts';

/** Every event that a state may meet a second later, and its delays, which bring no time. */
function eventsIn(snapshot: Snapshot): JourneyEvent[] {
  const at = snapshot.context.now + SECOND;
  const external = moves.filter(({ type }) => type !== 'alarm' && type !== 'coolDown');
  const delayed = getNextTransitions(snapshot).filter(({ eventType }) => eventType.startsWith('xstate.after.'));
  return [
    ...external.map((event) => ({ ...event, at }) as JourneyEvent),
    ...delayed.map(({ eventType }) => ({ type: eventType }) as unknown as JourneyEvent),
  ];
}

/** States that XState's walk takes for one. It has neither a clock nor timers, so no time is part of it. */
function keyOf({ value, context }: Snapshot): string {
  const { evidence, openSend, stall, resumeTo, afterStop, recordAgrees, guesses } = context;
  const channel = currentChannel(context);
  const sends = countedSends(context, channel);
  return JSON.stringify([
    value,
    [evidence.email, evidence.sms !== null, recordAgrees],
    [openSend?.why === 'automatic', stall?.reason, resumeTo, afterStop],
    [Math.min(sends.length, 2), sends.at(-1)?.outcome],
    guesses[channel].onChannel > 0,
  ]);
}

const valuesFrom = (input: JourneyInput) =>
  getShortestPaths(onboarding, {
    input,
    events: eventsIn,
    filterEvents: (snapshot, event) => snapshot.can(event),
    serializeState: keyOf,
    limit: 100_000,
  }).map(({ state }) => JSON.stringify(state.value));

describe("XState's own walk through the machine", () => {
  it('comes to the same states as ours, which keeps timers and a clock', () => {
    const [input] = initialInputs(smallestPolicy);
    if (input === undefined) throw new Error('no beginning');
    const ours = edgesFrom(input).flatMap(({ from, to }) =>
      [from, to].map(({ journey }) => JSON.stringify(journey.snapshot.value)),
    );
    const theirs = new Set(valuesFrom(input));
    expect(theirs).toEqual(new Set(ours));
    expect(theirs.size).toBeGreaterThan(30);
  });
});

describe('the delays of the machine', () => {
  it('are finite in every explored state, and each leads on when it is due', () => {
    const waiting = allEdges()
      .map(({ to }) => to.journey)
      .filter(({ timers }) => timers.length > 0);
    expect(waiting.length).toBeGreaterThan(1_000);
    expect(waiting.every(({ timers }) => timers.every(({ dueAt }) => Number.isFinite(dueAt)))).toBe(true);
    const idle = waiting.filter((journey) => {
      const due = nextDueAt(journey) ?? 0;
      return fireDueTimers(journey, due).journey.snapshot === journey.snapshot;
    });
    expect(idle.map(({ snapshot }) => snapshot.value)).toEqual([]);
  });
});
