import type { AnyMachineSnapshot, AnyStateMachine, SnapshotFrom, StateValue } from 'xstate';
import type { Effects } from './effects.ts';
import { migrate } from './migrations.ts';
import type { StoredFields } from './migrations.ts';
import type { Model } from './model.ts';
import { listOf, objectOf, parseNumber, parseText, recordOf } from './parse-values.ts';
import type { Parser } from './parse-values.ts';
import type { MachineState, PendingTimer } from './transition.ts';

/** A machine's state as it is stored for the next run: plain JSON, with what XState's own snapshot leaves out. */
export interface StoredState {
  readonly version: number;
  readonly value: AnyMachineSnapshot['value'];
  readonly context: unknown;
  /** For each history state, the ids of the states to return to. */
  readonly history: Readonly<Record<string, readonly string[]>>;
  readonly timers: readonly PendingTimer[];
  readonly revision: number;
  readonly updatedAt: number;
  readonly log: readonly unknown[];
}

/** Stores a state for the next run. */
export function storeState<M extends AnyStateMachine, E extends Effects, Entry>(
  model: Model<M, E, Entry>,
  { snapshot, timers, revision, updatedAt, log }: MachineState<M, Entry>,
): StoredState {
  const { value, context, historyValue }: AnyMachineSnapshot = snapshot;
  const history = Object.fromEntries(
    Object.entries(historyValue).map(([id, nodes]) => [id, nodes.map((node) => node.id)]),
  );
  return { version: model.version ?? 1, value, context, history, timers, revision, updatedAt, log };
}

/**
 * Restores what `storeState` has stored, after migrating it to this version.
 *
 * @throws Error if a migration is missing, or the machine lacks a state that the snapshot is in: the deployment is at fault
 */
export function restoreState<M extends AnyStateMachine, E extends Effects, Entry>(
  { machine, version = 1, migrations = {}, parseContext, log: reducer }: Model<M, E, Entry>,
  stored: StoredFields,
): MachineState<M, Entry> {
  const { value, context: storedContext, log, ...known } = migrate(stored, version, migrations);
  const { history, timers, revision, updatedAt } = parseEngineFields(known, 'snapshot');
  const historyValue = Object.fromEntries(
    Object.entries(history).map(([id, nodes]) => [id, nodes.map((node) => machine.getStateNodeById(node))]),
  );
  const context = parseContext?.(storedContext) ?? storedContext;
  const stateValue = parseStateValue(value, 'snapshot.value');
  const snapshot = machine.resolveState({ value: stateValue, context, historyValue }) as SnapshotFrom<M>;
  return { snapshot, timers, revision, updatedAt, log: reducer?.parse?.(log) ?? (log as readonly Entry[]) };
}

/** The fields that the engine itself stores. The value, the context and the log are those of the machine. */
const parseEngineFields = objectOf({
  history: recordOf(listOf(parseText)),
  timers: listOf<PendingTimer>(objectOf({ id: parseText, event: objectOf({ type: parseText }), dueAt: parseNumber })),
  revision: parseNumber,
  updatedAt: parseNumber,
});

const parseStateValue: Parser<StateValue> = (value, path) =>
  typeof value === 'string' ? value : recordOf(parseStateValue)(value, path);
