import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { AnyMachineSnapshot } from 'xstate';
import type { AnyDefinition, SearchAttributeValue } from '../core/definition.ts';

type Definition = NonNullable<AnyDefinition['searchAttributes']>;
type Values = Readonly<Record<string, SearchAttributeValue>>;

/** Updates the search attributes that have changed. Those that the start has already set cost no event. */
export class SearchAttributes {
  #shown: Values;
  readonly #definition: Definition | undefined;

  constructor(definition: Definition | undefined) {
    this.#definition = definition;
    this.#shown = definition === undefined ? {} : readShown(definition);
  }

  show(snapshot: AnyMachineSnapshot, at: number): void {
    const definition = this.#definition;
    if (definition === undefined) return;
    const values = definition.values?.(snapshot) ?? valuesOfMeta(snapshot);
    const changed = Object.entries(definition.keys).filter(([name]) => !isSame(values[name], this.#shown[name]));
    if (changed.length === 0) return;
    const pairs = changed.map(([name, key]) => ({ key, value: values[name] ?? null }) as SearchAttributeUpdatePair);
    if (definition.changedAt !== undefined) pairs.push({ key: definition.changedAt, value: new Date(at) });
    upsertSearchAttributes(pairs);
    this.#shown = values;
  }
}

/** `meta.searchAttributes` of the active states: an inner state overrides those around it. */
export function valuesOfMeta(snapshot: AnyMachineSnapshot): Values {
  const metas: Readonly<Record<string, { readonly searchAttributes?: Values } | undefined>> = snapshot.getMeta();
  const outermostFirst = Object.entries(metas).toSorted(([a], [b]) => depth(a) - depth(b));
  return Object.assign({}, ...outermostFirst.map(([, meta]) => meta?.searchAttributes ?? {}));
}

const depth = (stateId: string) => stateId.split('.').length;

function readShown({ keys }: Definition): Values {
  const { typedSearchAttributes } = workflowInfo();
  const shown = Object.entries(keys).map(([name, key]) => [name, typedSearchAttributes.get(key) ?? null] as const);
  return Object.fromEntries(shown) as Values;
}

function isSame(one: SearchAttributeValue | undefined, other: SearchAttributeValue | undefined): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}
