import { describe, expect, it } from '@jest/globals';
import { createActor } from 'xstate';
import type { AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { nodes, transitionsOf } from '../../client/docs/transitions.ts';
import {
  initialInputs,
  serializeExploration,
  logic,
  move,
  startExploration,
  explorationOptions,
} from '../../client/docs/explore.ts';
import type { Edge, Exploration } from '../../client/docs/explore.ts';
import { allEdges } from './edges.ts';
import type { StoredFields } from '../../workflows/engine/core/migrations.ts';
import { serialize, deserialize } from '../../workflows/journey/transition.ts';
import { onboarding } from '../../workflows/journey/machine.ts';
import { allowedIn, positionOf, states } from '../../workflows/journey/status/status.ts';

/** Both channels share their steps. These parts of them cannot come about on one of the two. */
const impossible = [
  // Only a text waits for the provider to agree with an operator about the e-mail.
  'emailPending.sendDue always [needsUserRecord] → emailPending.readingRecord',
  ...['readingRecord', 'readingForRecovery'].flatMap((reading) => [
    `emailPending.${reading} record.read [recordNowAgrees] → emailPending.${reading === 'readingRecord' ? 'sending' : 'recovering'}`,
    `emailPending.${reading} record.read [] → emailPending.stalled`,
    `emailPending.${reading} record.read [recordSaysVerified] → emailPending.verified`,
    `emailPending.${reading} record.* [] → emailPending.stalled`,
  ]),
  'emailPending.recheckingStall record.read [recordNowAgrees] → emailPending.sendDue',
  'emailPending.recoveryDue always [needsUserRecord] → emailPending.readingForRecovery',
  // Here no timer is late. `automatic-sends.test.ts` has one that is.
  ...['emailPending', 'smsPending'].map(
    (state) =>
      `${state}.awaitingCode.quiet xstate.after.quietHoursEnd.onboarding.${state}.awaitingCode.quiet [] → ${state}.awaitingCode.deciding`,
  ),
  // A user who signs up is there.
  'emailPending.starting always [hasLeft] → emailPending.awaitingCode',
  // The provider mails a first code on registration; it texts none.
  'smsPending.starting always [isFirstEmailSentByProvider] → smsPending.awaitingCode',
];

/** Taken by journeys that take over a policy: `test/proofs/adoption.test.ts`. */
const isByAdoption = (name: string) =>
  / adoptPolicy |(awaitingCode|recoveryDue) always \[isLocked\]|locked always /.test(name);

describe('the paths of the machine', () => {
  it('lead to every state and step', () => {
    const steps = ['sending', 'awaitingCode', 'checkingCode', 'locked', 'stalled', 'paused'];
    const pending = ['emailPending', 'smsPending'].flatMap((state) => steps.map((step) => `${state}.${step}`));
    const expected = [...states.filter((state) => !state.endsWith('Pending')), ...pending, 'emailVerified.paused'];
    expect(new Set(allEdges().flatMap(({ from, to }) => [nameOf(from), nameOf(to)]))).toEqual(new Set(expected));
  });

  it('take every transition of every state', () => {
    const taken = new Set(transitionsTaken(allEdges()).map(nameOfTransition));
    const every = nodes().flatMap(transitionsOf).map(nameOfTransition);
    const uncovered = [...new Set(every)].filter(
      (name) => !taken.has(name) && !impossible.includes(name) && !isByAdoption(name),
    );
    expect(uncovered).toEqual([]);
    expect(impossible.filter((name) => taken.has(name) || !every.includes(name))).toEqual([]);
  });

  it('can be replayed to the same state', () => {
    const input = initialInputs().find(({ accountType }) => accountType === 'business');
    if (input === undefined) throw new Error('no beginning');
    const paths = getShortestPaths(logic, explorationOptions(input));
    expect(paths.length).toBeGreaterThan(200);
    for (const { state, steps } of paths) {
      const walked = steps.reduce(
        (walk, { event }) => (isStart(event) ? walk : move(walk, event)),
        startExploration(input),
      );
      expect(serializeExploration(walked)).toBe(serializeExploration(state));
    }
  });

  it('survive being stored for the next run', () => {
    for (const { from } of onePerPlace(allEdges())) {
      const again = deserialize(JSON.parse(JSON.stringify(serialize(from.journey))) as StoredFields);
      expect(allowedIn(again.snapshot)).toEqual(allowedIn(from.journey.snapshot));
      expect({ ...again, snapshot: again.snapshot.value }).toEqual({
        ...from.journey,
        snapshot: from.journey.snapshot.value,
      });
    }
  });
});

function nameOf({ journey }: Exploration): string {
  const { state, step } = positionOf(journey.snapshot);
  return step === null ? state : `${state}.${step}`;
}

const isStart = ({ type }: { type: string }) => type.startsWith('xstate.');

function onePerPlace(all: readonly Edge[]): Edge[] {
  return [...new Map(all.map((edge) => [JSON.stringify(edge.from.journey.snapshot.value), edge])).values()];
}

function nameOfTransition({ source, eventType, guard, target }: AnyTransitionDefinition): string {
  const { path } = target?.[0] ?? source;
  const on = eventType === '' ? 'always' : eventType;
  return `${source.path.join('.')} ${on} [${guardName(guard)}] → ${path.join('.')}`;
}

function guardName(guard: AnyTransitionDefinition['guard']): string {
  if (guard === undefined || typeof guard === 'function') return '';
  return typeof guard === 'string' ? guard : JSON.stringify(guard);
}

/** XState's own account of the transitions that it takes, which only an actor's inspector gets. */
function transitionsTaken(all: readonly Edge[]): AnyTransitionDefinition[] {
  const taken: AnyTransitionDefinition[] = [];
  const inspect = (event: InspectionEvent) => {
    if (event.type !== '@xstate.microstep') return;
    const { _transitions: transitions } = event;
    taken.push(...transitions);
  };
  const clock = { setTimeout: () => 0, clearTimeout: () => {} };
  for (const input of initialInputs()) createActor(onboarding, { input, inspect, clock }).start().stop();
  for (const { from, move, to } of oneOfAKind(all)) {
    const snapshot = onboarding.getPersistedSnapshot(from.journey.snapshot);
    const { policy, userId, accountType } = from.journey.snapshot.context;
    const input = { policy, userId, accountType, at: from.clock };
    const actor = createActor(onboarding, { snapshot, input, inspect, clock }).start();
    actor.send({ ...move, type: eventOf({ from, move, to }), at: to.clock } as never);
    actor.stop();
  }
  return taken;
}

/** The event that a move is to the machine: the first delay that is due, where it is the alarm. */
function eventOf({ from, move }: Edge): string {
  if (move.type !== 'alarm') return move.type;
  return from.journey.timers.toSorted((a, b) => a.dueAt - b.dueAt)[0]?.event.type ?? '';
}

/** Edges that differ in what they may show: where they begin, what moves them, and where they end. */
function oneOfAKind(all: readonly Edge[]): Edge[] {
  const kind = ({ from, move, to }: Edge) => {
    const { accountType, evidence, resumeTo } = to.journey.snapshot.context;
    return JSON.stringify([
      from.journey.snapshot.value,
      move,
      eventOf({ from, move, to }),
      from.journey.snapshot.context.stall?.reason,
      to.journey.snapshot.value,
      accountType,
      evidence,
      resumeTo,
    ]);
  };
  return [...new Map(all.filter(({ move }) => move.type !== 'coolDown').map((edge) => [kind(edge), edge])).values()];
}
