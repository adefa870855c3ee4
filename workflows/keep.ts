import type { Context } from './context.ts';
import type { Handled } from './contract.ts';
import type { LogEntry } from './log.ts';
import { MACHINE_VERSION, onboarding } from './machine.ts';
import type { Journey, Snapshot, Timer } from './step.ts';

/** A journey as it travels from one run to the next: plain JSON, with what XState's own snapshot leaves out. */
export interface Kept {
  readonly version: number;
  readonly value: Snapshot['value'];
  readonly context: Context;
  readonly timers: readonly Timer[];
  readonly revision: number;
  readonly updatedAt: number;
  readonly log: readonly LogEntry[];
  readonly handled: Handled;
  /** Whether changes of its status are told to a receiver. */
  readonly tells: boolean;
}

/** So many keys of requests travel on, the newest: one takes some 200 bytes, and Temporal's limit for all that travels is 2 MB. */
export const KEYS_KEPT = 5_000;

/** Packs a journey for the next run. */
export function keep(journey: Journey, handled: Handled, tells: boolean): Kept {
  const { snapshot, ...rest } = journey;
  const newest = Object.fromEntries(Object.entries(handled).slice(-KEYS_KEPT));
  return {
    version: MACHINE_VERSION,
    value: snapshot.value,
    context: snapshot.context,
    ...rest,
    handled: newest,
    tells,
  };
}

/** Unpacks what `keep` packed, and `migrate` has brought to this version. */
export function unpack({ value, context, timers, revision, updatedAt, log }: Kept): Journey {
  return { snapshot: onboarding.resolveState({ value, context }), timers, revision, updatedAt, log };
}
