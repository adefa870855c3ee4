import type { Effect, Journey, Machine } from '../../workflows/journey/transition.ts';
import { canonical, journeyOf, NOW } from './canonical-state.ts';

/** The calls to the provider that have no reply yet. */
export interface PendingCalls {
  readonly sends: number;
  readonly confirms: number;
  readonly reads: number;
  /** Whether the send in flight is to be stopped, if it has not reached the provider. */
  readonly stopping: boolean;
}

export const noPendingCalls: PendingCalls = { sends: 0, confirms: 0, reads: 0, stopping: false };

/** A state of the space: a journey as a canonical value, and its pending calls. */
export interface ExploredState {
  readonly journey: Journey;
  readonly pending: PendingCalls;
}

/** The pending calls after these effects. */
export function addCalls(pending: PendingCalls, effects: readonly Effect[]): PendingCalls {
  const count = (type: Effect['type']) => effects.filter((effect) => effect.type === type).length;
  return {
    sends: pending.sends + count('send'),
    confirms: pending.confirms + count('confirm'),
    reads: pending.reads + count('readUser'),
    stopping: pending.stopping || count('stopSend') > 0,
  };
}

/** The pending calls after a reply of this type. */
export function removeCall(pending: PendingCalls, type: string): PendingCalls {
  if (type.startsWith('record.')) return { ...pending, reads: pending.reads - 1 };
  if (type.startsWith('send.')) return { ...pending, sends: pending.sends - 1, stopping: false };
  return { ...pending, confirms: pending.confirms - 1 };
}

/** The name of a state, and a function that makes the state. */
export function nameAt(journey: Journey, pending: PendingCalls, clock: number = NOW) {
  const form = canonical(journey, clock);
  const { value, context, timers } = form;
  const { policy, ...memory } = context;
  const { firstEmail, smsStart } = policy;
  const name = JSON.stringify([value, pending, timers.map(({ id }) => id), firstEmail, smsStart, memory]);
  return { name, toState: (machine?: Machine): ExploredState => ({ journey: journeyOf(form, machine), pending }) };
}
