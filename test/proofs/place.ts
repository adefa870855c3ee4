import type { Effect, Journey, Machine } from '../../workflows/step.ts';
import { canonical, journeyOf, NOW } from './canonical.ts';

/** What the provider has been asked and has not answered. */
export interface Asked {
  readonly sends: number;
  readonly confirms: number;
  readonly reads: number;
  /** Whether the send in flight is to be stopped, if it has not reached the provider. */
  readonly stopping: boolean;
}

export const nothingAsked: Asked = { sends: 0, confirms: 0, reads: 0, stopping: false };

/** A place of the state space: a journey as a canonical value, and what is in flight. */
export interface Place {
  readonly journey: Journey;
  readonly asked: Asked;
}

/** What is in flight once these effects have been performed. */
export function asking(asked: Asked, effects: readonly Effect[]): Asked {
  const count = (type: Effect['type']) => effects.filter((effect) => effect.type === type).length;
  return {
    sends: asked.sends + count('send'),
    confirms: asked.confirms + count('confirm'),
    reads: asked.reads + count('readUser'),
    stopping: asked.stopping || count('stopSend') > 0,
  };
}

/** What is in flight once an answer of this type has come. */
export function answered(asked: Asked, type: string): Asked {
  if (type.startsWith('record')) return { ...asked, reads: asked.reads - 1 };
  if (type.startsWith('send') || type === 'codeSent') return { ...asked, sends: asked.sends - 1, stopping: false };
  return { ...asked, confirms: asked.confirms - 1 };
}

/** The name of a place, and the place itself once it is wanted. */
export function nameAt(journey: Journey, asked: Asked, clock: number = NOW) {
  const form = canonical(journey, clock);
  const { value, context, timers } = form;
  const { policy, ...memory } = context;
  const { firstEmail, smsStart } = policy;
  const name = JSON.stringify([value, asked, timers.map(({ id }) => id), firstEmail, smsStart, memory]);
  return { name, place: (machine?: Machine): Place => ({ journey: journeyOf(form, machine), asked }) };
}
