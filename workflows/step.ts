import { initialTransition, transition } from 'xstate';
import type { EventFromLogic, SnapshotFrom } from 'xstate';
import type { Channel } from '../activities/contract.ts';
import type { JourneyInput } from './context.ts';
import type { JourneyEvent } from './events.ts';
import { alarmEntry, eventEntry, noted, startEntry } from './log.ts';
import type { LogEntry } from './log.ts';
import { onboarding } from './machine.ts';

/** What the machine wants done. The workflow performs it and tells the machine the answer. */
export type Effect =
  | { readonly type: 'send'; readonly channel: Channel; /** By a single try. */ readonly once?: true }
  | { readonly type: 'stopSend' }
  | { readonly type: 'confirm'; readonly channel: Channel; readonly code: string }
  | { readonly type: 'readUser' };

/** A delay of the machine, as a point in time. */
export interface Timer {
  readonly id: string;
  readonly event: string;
  readonly dueAt: number;
}

/** The machine, or one that differs from it in what its guards and actions do: what the proofs are shown to notice. */
export type Machine = typeof onboarding;
export type Snapshot = SnapshotFrom<Machine>;

/** A journey as a value: the state of the machine and what XState's snapshot leaves out. */
export interface Journey {
  readonly snapshot: Snapshot;
  readonly timers: readonly Timer[];
  /** Counts the changes that can be seen. */
  readonly revision: number;
  readonly updatedAt: number;
  readonly log: readonly LogEntry[];
}

export interface Step {
  readonly journey: Journey;
  readonly effects: readonly Effect[];
}

/** Begins a journey. */
export function begin(input: JourneyInput, machine: Machine = onboarding): Step {
  const [snapshot, actions] = initialTransition(machine, input);
  const { timers, effects } = read(actions, [], input.at);
  const revision = (input.restarted?.carried?.revision ?? 0) + 1;
  const log = noted(input.restarted?.carried?.log ?? [], startEntry(input));
  return { journey: { snapshot, timers, revision, updatedAt: input.at, log }, effects };
}

/** Tells the machine an event. One that means nothing to it now changes nothing. */
export function advance(journey: Journey, event: JourneyEvent, machine: Machine = onboarding): Step {
  return take(machine, journey, event, eventEntry(event, journey.snapshot.context));
}

/** Fires the delays that are due at this time, the earliest first. */
export function wake(journey: Journey, at: number, machine: Machine = onboarding): Step {
  const due = journey.timers.filter(({ dueAt }) => dueAt <= at).toSorted((a, b) => a.dueAt - b.dueAt)[0];
  if (due === undefined) return { journey, effects: [] };
  // XState makes these events itself, from the delays of the machine; they carry the time as every event does.
  const event = { type: due.event, at } as unknown as EventFromLogic<Machine>;
  const rest = { ...journey, timers: journey.timers.filter((timer) => timer !== due) };
  const fired = take(machine, rest, event, alarmEntry(due.event, at, journey.snapshot.context));
  const next = wake(fired.journey, at, machine);
  return { journey: next.journey, effects: [...fired.effects, ...next.effects] };
}

/** When the journey next has something to do of its own accord. */
export function alarmAt(journey: Journey): number | undefined {
  return journey.timers.length === 0 ? undefined : Math.min(...journey.timers.map(({ dueAt }) => dueAt));
}

function take(machine: Machine, journey: Journey, event: EventFromLogic<Machine>, entry: LogEntry): Step {
  const { at } = entry;
  const [snapshot, actions] = transition(machine, journey.snapshot, event);
  if (snapshot === journey.snapshot) return { journey, effects: [] };
  const { timers, effects } = read(actions, journey.timers, at);
  const log = noted(journey.log, entry);
  return { journey: { snapshot, timers, revision: journey.revision + 1, updatedAt: at, log }, effects };
}

type Action = ReturnType<typeof transition<Machine>>[1][number];

function read(actions: readonly Action[], before: readonly Timer[], at: number) {
  const effects: Effect[] = [];
  let timers = before;
  for (const action of actions) {
    const { type, params } = action as { type: string; params: unknown };
    switch (type) {
      case 'xstate.raise': {
        const { event, id, delay } = params as { event: { type: string }; id: string; delay?: number };
        timers = timers.filter((timer) => timer.id !== id);
        if (delay !== undefined && Number.isFinite(delay))
          timers = [...timers, { id, event: event.type, dueAt: at + delay }];
        break;
      }
      case 'xstate.cancel': {
        const { sendId } = params as { sendId: string };
        timers = timers.filter(({ id }) => id !== sendId);
        break;
      }
      default:
        effects.push(effectOf(type, params));
    }
  }
  return { timers, effects };
}

/** The one cast: XState's action objects carry the parameters that the machine's own effects declare. */
function effectOf(type: string, params: unknown): Effect {
  switch (type) {
    case 'send':
    case 'confirm':
      return { type, ...(params as object) } as Effect;
    case 'stopSend':
    case 'readUser':
      return { type };
    default:
      throw new Error(`the machine wants '${type}' done, which is no effect`);
  }
}
