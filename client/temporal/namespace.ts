import type { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { attributeKeys } from '../../workflows/contract.ts';
import { isPermissionDenied, isInvalidArgument } from './grpc-codes.ts';

/** Requirements of journeys for their namespace, and checks for them. */

/** How long a closed journey is readable. */
export const RETENTION_DAYS = 30;

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** Names of the used search attribute types in Temporal's API and CLI. */
const types = {
  KEYWORD: { value: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD, shown: 'Keyword', sample: "'x'" },
  DATETIME: {
    value: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    shown: 'Datetime',
    sample: "'2026-01-01T00:00:00Z'",
  },
} as const;

/** A search attribute that journeys need. */
export interface RequiredAttribute {
  readonly name: string;
  /** temporal.api.enums.v1.IndexedValueType */
  readonly value: number;
  /** The type as Temporal's CLI writes it. */
  readonly shown: string;
  /** A sample value for a query. */
  readonly sample: string;
}

export const requiredAttributes: readonly RequiredAttribute[] = Object.values(attributeKeys).map(({ name, type }) => ({
  name,
  ...types[type],
}));

export interface AttributesFound {
  readonly present: readonly RequiredAttribute[];
  readonly missing: readonly RequiredAttribute[];
  /** Present with another type, which cannot be changed. */
  readonly mistyped: readonly RequiredAttribute[];
}

/** Finds which required search attributes a namespace has. If the caller may not list them, tries a query for each. */
export async function findAttributes(client: Client): Promise<AttributesFound> {
  const { namespace } = client.options;
  const { operatorService } = client.connection as Connection;
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    const has = ({ name }: RequiredAttribute) => name in customAttributes;
    const fits = ({ name, value }: RequiredAttribute) => Number(customAttributes[name]) === value;
    return {
      present: requiredAttributes.filter(fits),
      missing: requiredAttributes.filter((each) => !has(each)),
      mistyped: requiredAttributes.filter((each) => has(each) && !fits(each)),
    };
  } catch (error) {
    if (!isPermissionDenied(error)) throw error;
    const found = await Promise.all(requiredAttributes.map((each) => isQueryable(client, each)));
    const split = (isPresent: boolean) => requiredAttributes.filter((_, index) => found[index] === isPresent);
    return { present: split(true), missing: split(false), mistyped: [] };
  }
}

async function isQueryable(client: Client, { name, sample }: RequiredAttribute): Promise<boolean> {
  try {
    await client.workflow.count(`${name} = ${sample}`);
    return true;
  } catch (error) {
    if (isInvalidArgument(error)) return false;
    throw error;
  }
}

/** Returns the retention of a namespace, in days. */
export async function findRetention({ workflowService, options }: Client): Promise<number> {
  const { config } = await workflowService.describeNamespace({ namespace: options.namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / (24 * 3_600);
}

/** Returns what to do if the namespace does not exist. */
export function creationAdvice(namespace: string): string {
  return `correct TEMPORAL_NAMESPACE, or create it: temporal operator namespace create -n ${namespace}`;
}

/** Returns the CLI command that adds search attributes. */
export function commandFor(namespace: string, missing: readonly RequiredAttribute[]): string {
  return missing
    .map(
      ({ name, shown }) => `temporal operator search-attribute create -n ${namespace} --name ${name} --type ${shown}`,
    )
    .join(' && ');
}

/** Returns the CLI command that raises the retention. */
export function retentionCommand(namespace: string): string {
  return `temporal operator namespace update -n ${namespace} --retention ${RETENTION_DAYS}d`;
}
