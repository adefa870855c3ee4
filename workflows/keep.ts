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
  readonly tells?: boolean;
}

/** Packs a journey for the next run. */
export function keep(journey: Journey, handled: Handled, tells = false): Kept {
  const { snapshot, ...rest } = journey;
  return {
    version: MACHINE_VERSION,
    value: snapshot.value,
    context: snapshot.context,
    ...rest,
    handled,
    ...(tells && { tells }),
  };
}

/** Unpacks what `keep` packed. A version that this code does not know is a fault of the deployment: the task is repeated. */
export function unpack(kept: Kept): Journey {
  if (kept.version !== MACHINE_VERSION) {
    throw new Error(
      `this journey was kept by machine version ${kept.version}; this code reads version ${MACHINE_VERSION}`,
    );
  }
  const { value, context, timers, revision, updatedAt, log } = kept;
  return { snapshot: onboarding.resolveState({ value, context }), timers, revision, updatedAt, log };
}
