import type { Client, Connection } from '@temporalio/client';
import {
  commandFor,
  creationAdvice,
  findAttributes,
  findRetention,
  RETENTION_DAYS,
  retentionCommand,
} from '../namespace.ts';
import type { Wanted } from '../namespace.ts';
import { isAway, isForbidden, isMissing, saidBy } from '../temporal-errors.ts';
import { bad, good } from './check.ts';
import type { Check, CheckName } from './check.ts';

/** Looks at Temporal itself: no worker is needed. */

/** A server that is there answers at once. */
const LONGEST_ANSWER = 5_000;

export async function checkTemporal(client: Client): Promise<Check> {
  return look(client, 'temporal', async () => {
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    return good('temporal', `reached, server ${serverVersion}`);
  });
}

export async function checkNamespace(client: Client): Promise<Check> {
  const { namespace } = client.options;
  return look(client, 'namespace', async () => {
    await client.workflowService.describeNamespace({ namespace });
    return good('namespace', `'${namespace}' exists`);
  });
}

export async function checkAttributes(client: Client): Promise<Check> {
  const { namespace } = client.options;
  return look(client, 'searchAttributes', async () => {
    const { present, missing, mistyped } = await findAttributes(client);
    const names = (attributes: readonly Wanted[]) => attributes.map(({ name }) => name).join(', ');
    if (mistyped.length > 0) {
      const types = mistyped.map(({ name, shown }) => `${name} must be ${shown}`).join(', ');
      const mend = 'no server changes a type: use another namespace, or remove the attribute if nothing else uses it';
      return bad('searchAttributes', `of another type: ${types}`, mend);
    }
    if (missing.length > 0) {
      const mend = `run: onward setup (or: ${commandFor(namespace, missing)})`;
      return bad('searchAttributes', `missing: ${names(missing)}`, mend);
    }
    return good('searchAttributes', `all ${present.length} are there`);
  });
}

export async function checkRetention(client: Client): Promise<Check> {
  return look(client, 'retention', async () => {
    const days = await findRetention(client);
    const found = `ended journeys are kept for ${round(days)} days`;
    if (days >= RETENTION_DAYS) return good('retention', found);
    const mend = `run: onward setup (or: ${retentionCommand(client.options.namespace)})`;
    return bad('retention', `${found}, less than ${RETENTION_DAYS}`, mend);
  });
}

const round = (days: number) => Math.round(days * 10) / 10;

/** Looks for a moment, and puts into plain words why it could not. */
export async function look(client: Client, name: CheckName, at: () => Promise<Check>): Promise<Check> {
  try {
    return await client.withDeadline(Date.now() + LONGEST_ANSWER, at);
  } catch (error) {
    return bad(name, foundFor(client, error), mendFor(client, error));
  }
}

function foundFor(client: Client, error: unknown): string {
  if (!isAway(error)) return `Temporal says: ${saidBy(error)}`;
  return `no answer from ${(client.connection as Connection).options.address}`;
}

function mendFor({ options }: Client, error: unknown): string {
  if (isMissing(error)) return creationAdvice(options.namespace);
  if (isForbidden(error)) return 'give this caller the right to it: see TEMPORAL_API_KEY and TEMPORAL_TLS_*';
  return 'start the server, or correct TEMPORAL_ADDRESS and TEMPORAL_TLS_*';
}
