import { beforeAll, describe, expect, it } from '@jest/globals';
import { createActor } from 'xstate';
import type { AnyTransitionDefinition, InspectionEvent } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { nodes, transitionsOf } from '../../client/diagram/nodes.ts';
import { beginnings, edgesFrom, landmark, logic, move, setOut, ways } from '../../client/diagram/walk.ts';
import type { Edge, Walk } from '../../client/diagram/walk.ts';
import { keep, unpack } from '../../workflows/keep.ts';
import { onboarding } from '../../workflows/machine.ts';
import { allowedIn, placeOf, states } from '../../workflows/status.ts';

/** Both channels share their steps. These parts of them cannot come about on one of the two. */
const impossible = [
  // Only a text waits for the provider to agree with an operator about the e-mail.
  'emailPending.sending.due always [needsTheRecord] → emailPending.sending.reading',
  'emailPending.sending.reading recordCredentials [] → emailPending.stalled',
  'emailPending.sending.reading recordRead [recordAgreesAtLast] → emailPending.sending.asking',
  'emailPending.sending.reading recordRead [] → emailPending.stalled',
  'emailPending.sending.reading recordRead [recordSaysVerified] → emailVerified',
  'emailPending.sending.reading recordRefused [] → emailPending.stalled',
  'emailPending.sending.reading recordUnread [] → emailPending.stalled',
  'emailPending.stalled.rechecking recordRead [recordAgreesAtLast] → emailPending.sending',
  'emailPending.stalled.trying.due always [needsTheRecord] → emailPending.stalled.trying.reading',
  'emailPending.stalled.trying.reading recordCredentials [] → emailPending.stalled',
  'emailPending.stalled.trying.reading recordRead [recordAgreesAtLast] → emailPending.stalled.trying.asking',
  'emailPending.stalled.trying.reading recordRead [] → emailPending.stalled',
  'emailPending.stalled.trying.reading recordRead [recordSaysVerified] → emailVerified',
  'emailPending.stalled.trying.reading recordRefused [] → emailPending.stalled',
  'emailPending.stalled.trying.reading recordUnread [] → emailPending.stalled',
  // The provider mails a first code on registration; it texts none.
  'smsPending.starting always [isMailedByProvider] → smsPending.awaitingCode',
];

let edges: Edge[];
beforeAll(() => {
  edges = beginnings().flatMap(edgesFrom);
});

describe('the paths of the machine', () => {
  it('lead to every state and step', () => {
    const steps = ['sending', 'awaitingCode', 'checkingCode', 'locked', 'stalled', 'paused'];
    const pending = ['emailPending', 'smsPending'].flatMap((state) => steps.map((step) => `${state}.${step}`));
    const expected = [...states.filter((state) => !state.endsWith('Pending')), ...pending, 'emailVerified.paused'];
    expect(new Set(edges.flatMap(({ from, to }) => [nameOf(from), nameOf(to)]))).toEqual(new Set(expected));
  });

  it('take every transition of every state', () => {
    const taken = new Set(transitionsTaken(edges).map(nameOfTransition));
    const every = nodes().flatMap(transitionsOf).map(nameOfTransition);
    const uncovered = [...new Set(every)].filter((name) => !taken.has(name) && !impossible.includes(name));
    expect(uncovered).toEqual([]);
    expect(impossible.filter((name) => taken.has(name) || !every.includes(name))).toEqual([]);
  });

  it('can be walked again, and come to the same place', () => {
    const input = beginnings().find(({ accountType }) => accountType === 'business');
    if (input === undefined) throw new Error('no beginning');
    const paths = getShortestPaths(logic, ways(input));
    expect(paths.length).toBeGreaterThan(200);
    for (const { state, steps } of paths) {
      const walked = steps.reduce((walk, { event }) => (isStart(event) ? walk : move(walk, event)), setOut(input));
      expect(landmark(walked)).toBe(landmark(state));
    }
  });

  it('survive being kept for the next run', () => {
    for (const { from } of onePerPlace(edges)) {
      const again = unpack(JSON.parse(JSON.stringify(keep(from.journey, {}, false))) as ReturnType<typeof keep>);
      expect(allowedIn(again.snapshot)).toEqual(allowedIn(from.journey.snapshot));
      expect({ ...again, snapshot: again.snapshot.value }).toEqual({
        ...from.journey,
        snapshot: from.journey.snapshot.value,
      });
    }
  });
});

function nameOf({ journey }: Walk): string {
  const { state, step } = placeOf(journey.snapshot);
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
  for (const input of beginnings()) createActor(onboarding, { input, inspect, clock }).start().stop();
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
  return from.journey.timers.toSorted((a, b) => a.dueAt - b.dueAt)[0]?.event ?? '';
}

/** Edges that differ in what they may show: where they begin, what moves them, and where they end. */
function oneOfAKind(all: readonly Edge[]): Edge[] {
  const kind = ({ from, move, to }: Edge) => {
    const { accountType, evidence, resumeTo } = to.journey.snapshot.context;
    return JSON.stringify([
      from.journey.snapshot.value,
      move,
      eventOf({ from, move, to }),
      to.journey.snapshot.value,
      accountType,
      evidence,
      resumeTo,
    ]);
  };
  return [...new Map(all.filter(({ move }) => move.type !== 'coolDown').map((edge) => [kind(edge), edge])).values()];
}
