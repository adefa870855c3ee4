import { initialTransition, transition } from 'xstate';
import type { ActorLogic, AnyMachineSnapshot, AnyStateMachine, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate';
import type { EffectRequest, Effects } from './effects.ts';
import type { Model } from './model.ts';

/** A delayed event of the machine, as a point in time. */
export interface PendingTimer {
  readonly id: string;
  readonly event: { readonly type: string };
  /** Milliseconds since 1970. */
  readonly dueAt: number;
}

/** A running machine as a value: its snapshot, and what XState's snapshot leaves out. */
export interface MachineState<M extends AnyStateMachine, Entry = unknown> {
  readonly snapshot: SnapshotFrom<M>;
  readonly timers: readonly PendingTimer[];
  /** Counts the events for which the machine had a transition. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  readonly log: readonly Entry[];
}

/** A transition: the next state, and what is to be done. Nothing has been done yet. */
export interface Step<M extends AnyStateMachine, E extends Effects, Entry = unknown> {
  readonly state: MachineState<M, Entry>;
  readonly effects: readonly EffectRequest<E>[];
}

/**
 * Enters the initial state.
 *
 * @param at the time of the start, in milliseconds since 1970
 * @param revision the first revision; more than 1 if the machine continues the count of an earlier workflow
 */
export function initialStep<M extends AnyStateMachine, E extends Effects, Entry>(
  model: Model<M, E, Entry>,
  input: InputFrom<M>,
  at: number,
  revision = 1,
): Step<M, E, Entry> {
  const [snapshot, actions] = initialTransition<AnyStateMachine>(model.machine, input);
  checkChildren(model.machine, snapshot);
  const { timers, effects } = readActions(model, actions, [], at);
  const log = model.log?.start(input, at) ?? [];
  return { state: { snapshot: snapshot as SnapshotFrom<M>, timers, revision, updatedAt: at, log }, effects };
}

/** Takes an event. For an event without a transition, returns the same state, by reference. */
export function nextStep<M extends AnyStateMachine, E extends Effects, Entry>(
  model: Model<M, E, Entry>,
  state: MachineState<M, Entry>,
  event: EventFromLogic<M>,
  at: number,
): Step<M, E, Entry> {
  const machine = startingAt(model.machine, state.snapshot);
  const [snapshot, actions] = transition<typeof machine>(machine, state.snapshot, event);
  // A transition without a target that only requests effects leaves the snapshot as it is.
  if (snapshot === state.snapshot && actions.length === 0) return { state, effects: [] };
  checkChildren(model.machine, snapshot);
  const { timers, effects } = readActions(model, actions, state.timers, at);
  const log = model.log?.append(state.log, event, state.snapshot, at) ?? [];
  return { state: { snapshot, timers, revision: state.revision + 1, updatedAt: at, log }, effects };
}

/**
 * A machine that starts at a snapshot. For each transition XState creates an actor and discards it: with the machine itself, it
 * would also compute the initial state, which takes a quarter of the time.
 */
function startingAt<M extends AnyStateMachine>(
  machine: M,
  snapshot: SnapshotFrom<M>,
): ActorLogic<SnapshotFrom<M>, EventFromLogic<M>> {
  return {
    getInitialSnapshot: () => snapshot,
    transition: (from, event, scope) => machine.transition(from, event, scope) as SnapshotFrom<M>,
    getPersistedSnapshot: (from) => from,
  };
}

/** Takes the delayed events that are due at this time, the earliest first. */
export function dueStep<M extends AnyStateMachine, E extends Effects, Entry>(
  model: Model<M, E, Entry>,
  state: MachineState<M, Entry>,
  at: number,
): Step<M, E, Entry> {
  const due = state.timers.filter(({ dueAt }) => dueAt <= at).toSorted((a, b) => a.dueAt - b.dueAt)[0];
  if (due === undefined) return { state, effects: [] };
  const rest = { ...state, timers: state.timers.filter((timer) => timer !== due) };
  const fired = nextStep(model, rest, { ...due.event, at } as EventFromLogic<M>, at);
  const next = dueStep(model, fired.state, at);
  return { state: next.state, effects: [...fired.effects, ...next.effects] };
}

/** When the next delay of the machine is due; `undefined` if none is pending. */
export function nextDueAt({ timers }: Pick<MachineState<AnyStateMachine>, 'timers'>): number | undefined {
  return timers.length === 0 ? undefined : Math.min(...timers.map(({ dueAt }) => dueAt));
}

/** The delay and the state of an `after` transition's event; `undefined` for every other event. */
export function parseDelayedEvent(type: string): { readonly delay: string; readonly state: string } | undefined {
  const [, delay, state] = /^xstate\.after\.([^.]+)\.(.+)$/.exec(type) ?? [];
  return delay === undefined || state === undefined ? undefined : { delay, state };
}

/**
 * Sorts what XState returns into timers and effects.
 *
 * 1. A `raise` without a delay has been applied already, and is returned all the same.
 * 2. Leaving a state cancels its timers, those that have fired included.
 * 3. A delay of `Infinity` never comes due.
 */
function readActions<M extends AnyStateMachine, E extends Effects, Entry>(
  { machine, effects: declared }: Model<M, E, Entry>,
  actions: readonly { readonly type: string; readonly params: unknown }[],
  before: readonly PendingTimer[],
  at: number,
) {
  const effects: EffectRequest<E>[] = [];
  let timers = before;
  for (const { type, params } of actions) {
    switch (type) {
      case 'xstate.raise': {
        const { event, id, delay } = params as Omit<PendingTimer, 'dueAt'> & { readonly delay?: number };
        if (delay === undefined) break;
        if (Number.isNaN(delay))
          throw new Error(`machine '${machine.id}': the delay of '${event.type}' is not a number`);
        timers = timers.filter((timer) => timer.id !== id);
        if (delay !== Infinity) timers = [...timers, { id, event, dueAt: at + delay }];
        break;
      }
      case 'xstate.cancel': {
        const { sendId } = params as { readonly sendId: string };
        timers = timers.filter(({ id }) => id !== sendId);
        break;
      }
      default:
        if (!Object.hasOwn(declared, type)) throw new UnknownEffectError(machine.id, type);
        effects.push({ type, params } as EffectRequest<E>);
    }
  }
  return { timers, effects };
}

/** Detects an actor that a function has spawned, which is visible only after its call. The actor would never run, and the next run would lack it. */
function checkChildren({ id }: AnyStateMachine, { children }: AnyMachineSnapshot): void {
  const names = Object.keys(children);
  if (names.length === 0) return;
  throw new Error(
    `machine '${id}' spawns the actor '${names.join("', '")}' in an assignment or in its context; request an effect instead, whose outcome comes back as an event`,
  );
}

/** The machine has requested an action without an implementation. */
export class UnknownEffectError extends Error {
  constructor(machine: string, action: string) {
    super(`machine '${machine}' requests the action '${action}', which is neither a declared effect nor pure`);
  }
}
