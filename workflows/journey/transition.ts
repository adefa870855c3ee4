import type { SnapshotFrom } from 'xstate';
import type { Channel } from '../../activities/contract.ts';
import { restoreState, storeState } from '../engine/core/snapshot.ts';
import type { StoredState } from '../engine/core/snapshot.ts';
import type { StoredFields } from '../engine/core/migrations.ts';
import { dueStep, initialStep, nextStep } from '../engine/core/transition.ts';
import type { MachineState, Step as MachineStep } from '../engine/core/transition.ts';
import type { JourneyInput } from './context.ts';
import type { effects } from './machine/effects.ts';
import type { JourneyEvent } from './events.ts';
import { onboarding } from './machine.ts';
import { journeyModel } from './model.ts';
import type { LogEntry } from './stored/log.ts';

export { nextDueAt } from '../engine/core/transition.ts';

/** An effect that the machine requests. The workflow performs it and sends the reply to the machine. */
export type Effect =
  | { readonly type: 'send'; readonly channel: Channel; readonly once?: true }
  | { readonly type: 'stopSend' }
  | { readonly type: 'confirm'; readonly channel: Channel; readonly code: string }
  | { readonly type: 'readUser' };

/** The machine, or a variant with other guards and actions, which the proofs must reject. */
export type Machine = typeof onboarding;
export type Snapshot = SnapshotFrom<Machine>;

/** A journey as a value: the state of the machine, its timers, revision and log. */
export type Journey = MachineState<Machine, LogEntry>;

export interface Step {
  readonly journey: Journey;
  readonly effects: readonly Effect[];
}

/** Starts a journey. */
export function startJourney(input: JourneyInput, machine: Machine = onboarding): Step {
  return toStep(initialStep(modelOf(machine), input, input.at, firstRevision(input)));
}

/** A restarted journey continues the revisions of the one before it. */
export function firstRevision({ restarted }: Pick<JourneyInput, 'restarted'>): number {
  return (restarted?.carried?.revision ?? 0) + 1;
}

/** Sends an event to the machine. An event without a transition changes nothing. */
export function applyEvent(journey: Journey, event: JourneyEvent, machine: Machine = onboarding): Step {
  return toStep(nextStep(modelOf(machine), journey, event, event.at));
}

/** Fires the delays that are due at this time, the earliest first. */
export function fireDueTimers(journey: Journey, at: number, machine: Machine = onboarding): Step {
  return toStep(dueStep(modelOf(machine), journey, at));
}

/** Converts a journey to plain JSON. */
export function serialize(journey: Journey): StoredState {
  return storeState(journeyModel, journey);
}

/** Restores a journey that this or an older version of the machine has stored. */
export function deserialize(stored: StoredFields): Journey {
  return restoreState(journeyModel, stored);
}

function modelOf(machine: Machine): typeof journeyModel {
  return machine === onboarding ? journeyModel : { ...journeyModel, machine };
}

function toStep({ state, effects: requested }: MachineStep<Machine, typeof effects, LogEntry>): Step {
  return { journey: state, effects: requested.map(({ type, params }) => ({ type, ...params }) as Effect) };
}
