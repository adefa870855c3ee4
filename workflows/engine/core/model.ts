import type { AnyStateMachine, ContextFrom, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate';
import { checkMachine } from './check-machine.ts';
import type { Effects } from './effects.ts';
import { checkMigrations } from './migrations.ts';
import type { Migrations } from './migrations.ts';

/** Keeps a log beside the snapshot. */
export interface LogReducer<M extends AnyStateMachine, Entry> {
  /** The log of a machine that has just started. */
  start(input: InputFrom<M>, at: number): readonly Entry[];
  /** The log with an event that has changed something; `before` is the snapshot before the event. */
  append(log: readonly Entry[], event: EventFromLogic<M>, before: SnapshotFrom<M>, at: number): readonly Entry[];
  /** Parses a stored log, which an older release may have written. Default: entries are returned unchanged. */
  parse?(stored: unknown): readonly Entry[];
}

/** A machine that can run as a workflow, and all that is pure about it. */
export interface Model<M extends AnyStateMachine, E extends Effects, Entry = never> {
  readonly machine: M;
  readonly effects: E;
  /** Raise it whenever this machine can no longer read a stored snapshot unchanged. Default: 1. */
  readonly version?: number;
  /** How a snapshot of each older version becomes one of the next. */
  readonly migrations?: Migrations;
  /**
   * Parses a stored context, which an older release of the same version may have written. Default: the stored context is used unchanged.
   *
   * @throws Error if this release cannot read it: the workflow task fails, and is repeated until the right code is deployed
   */
  readonly parseContext?: (stored: unknown) => ContextFrom<M>;
  readonly log?: LogReducer<M, Entry>;
}

/**
 * Declares a machine for the engine.
 *
 * @returns the same model
 * @throws Error if the machine uses what the engine does not support, or a migration is missing
 */
export function defineModel<M extends AnyStateMachine, E extends Effects, Entry = never>(
  model: Model<M, E, Entry>,
): Model<M, E, Entry> {
  checkMachine(model.machine, model.effects);
  checkMigrations(model.version ?? 1, model.migrations ?? {});
  return model;
}
