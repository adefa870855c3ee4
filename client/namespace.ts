import type { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { attributes } from '../workflows/contract.ts';
import { isForbidden, isInvalid } from './temporal-errors.ts';

/** What journeys need of their namespace, and what it has. */

/** How long an ended journey can be asked for its status. */
export const RETENTION_DAYS = 30;

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** How Temporal's API, and its command line, name the types that we use. */
const types = {
  KEYWORD: { value: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD, shown: 'Keyword', sample: "'x'" },
  DATETIME: {
    value: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    shown: 'Datetime',
    sample: "'2026-01-01T00:00:00Z'",
  },
} as const;

/** A search attribute as journeys need it. */
export interface Wanted {
  readonly name: string;
  /** temporal.api.enums.v1.IndexedValueType */
  readonly value: number;
  /** As Temporal's command line writes it. */
  readonly shown: string;
  /** A value to ask for. */
  readonly sample: string;
}

export const wanted: readonly Wanted[] = Object.values(attributes).map(({ name, type }) => ({ name, ...types[type] }));

export interface AttributesFound {
  readonly present: readonly Wanted[];
  readonly missing: readonly Wanted[];
  /** There, but of another type, which no server changes. */
  readonly mistyped: readonly Wanted[];
}

/** Which of our search attributes a namespace has. Where the caller may not list them, each is asked for by a query. */
export async function findAttributes(client: Client): Promise<AttributesFound> {
  const { namespace } = client.options;
  const { operatorService } = client.connection as Connection;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const has = ({ name }: Wanted) => name in customAttributes;
    const fits = ({ name, value }: Wanted) => Number(customAttributes[name]) === value;
    return {
      present: wanted.filter(fits),
      missing: wanted.filter((each) => !has(each)),
      mistyped: wanted.filter((each) => has(each) && !fits(each)),
    };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const found = await Promise.all(wanted.map((each) => canBeAskedFor(client, each)));
    const split = (there: boolean) => wanted.filter((_, index) => found[index] === there);
    return { present: split(true), missing: split(false), mistyped: [] };
  }
}

async function canBeAskedFor(client: Client, { name, sample }: Wanted): Promise<boolean> {
  try {
    await client.workflow.count(`${name} = ${sample}`);
    return true;
  } catch (error) {
    if (isInvalid(error)) return false;
    throw error;
  }
}

/** For how many days a namespace keeps what has ended. */
export async function findRetention({ workflowService, options }: Client): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace: options.namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / (24 * 3_600);
}

/** What to do where the namespace is not there. */
export function creationAdvice(namespace: string): string {
  return `correct TEMPORAL_NAMESPACE, or create it: temporal operator namespace create -n ${namespace}`;
}

/** What somebody who may do it types to add search attributes. */
export function commandFor(namespace: string, missing: readonly Wanted[]): string {
  return missing
    .map(
      ({ name, shown }) => `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${shown}`,
    )
    .join(' && ');
}

/** What somebody who may do it types to raise the retention. */
export function retentionCommand(namespace: string): string {
  return `temporal operator namespace update -n ${namespace} --retention ${RETENTION_DAYS}d`;
}
