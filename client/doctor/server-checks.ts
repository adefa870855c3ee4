import type { Client, Connection } from '@temporalio/client';
import {
  commandFor,
  creationAdvice,
  findAttributes,
  findRetention,
  RETENTION_DAYS,
  retentionCommand,
} from '../temporal/namespace.ts';
import type { RequiredAttribute } from '../temporal/namespace.ts';
import {
  isUnavailable,
  isPermissionDenied,
  isInvalidArgument,
  isNotFound,
  serverMessage,
} from '../temporal/grpc-codes.ts';
import { failed, passed } from './check.ts';
import type { Check, CheckName } from './check.ts';

/** Checks of the Temporal server. They need no worker. */

const CALL_TIMEOUT_MS = 5_000;

export async function checkTemporal(client: Client): Promise<Check> {
  return runCheck(client, 'temporal', async () => {
    const { serverVersion } = await client.workflowService.getSystemInfo({});
    return passed('temporal', `reached, server ${serverVersion}`);
  });
}

export async function checkNamespace(client: Client): Promise<Check> {
  const { namespace } = client.options;
  return runCheck(client, 'namespace', async () => {
    await client.workflowService.describeNamespace({ namespace });
    return passed('namespace', `'${namespace}' exists`);
  });
}

export async function checkAttributes(client: Client): Promise<Check> {
  const { namespace } = client.options;
  return runCheck(client, 'searchAttributes', async () => {
    const { present, missing, mistyped } = await findAttributes(client);
    const names = (attributes: readonly RequiredAttribute[]) => attributes.map(({ name }) => name).join(', ');
    if (mistyped.length > 0) {
      const types = mistyped.map(({ name, shown }) => `${name} must be ${shown}`).join(', ');
      const fix =
        'the type of a search attribute cannot be changed: use another namespace, or remove the attribute if nothing else uses it';
      return failed('searchAttributes', `wrong type: ${types}`, fix);
    }
    if (missing.length > 0) {
      const fix = `run: onward setup, which adds them (or: ${commandFor(namespace, missing)})`;
      return failed('searchAttributes', `missing: ${names(missing)}`, fix);
    }
    return passed('searchAttributes', `all ${present.length} exist`);
  });
}

export async function checkRetention(client: Client): Promise<Check> {
  return runCheck(client, 'retention', async () => {
    const days = await findRetention(client);
    const found = `closed journeys are retained for ${round(days)} days`;
    if (days >= RETENTION_DAYS) return passed('retention', found);
    const fix = `run: onward setup (or: ${retentionCommand(client.options.namespace)})`;
    return failed('retention', `${found}, less than ${RETENTION_DAYS}`, fix);
  });
}

const round = (days: number) => Math.round(days * 10) / 10;

/** Runs a check with a deadline. An error becomes a failed check. */
export async function runCheck<Found = Check>(
  client: Client,
  name: CheckName,
  at: () => Promise<Found>,
): Promise<Found | Check> {
  try {
    return await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, at);
  } catch (error) {
    return failed(name, foundFor(client, error), fixFor(client, error));
  }
}

function foundFor(client: Client, error: unknown): string {
  if (!isUnavailable(error)) return `Temporal says: ${serverMessage(error)}`;
  return `no response from ${(client.connection as Connection).options.address}`;
}

function fixFor({ options }: Client, error: unknown): string {
  if (isNotFound(error)) return creationAdvice(options.namespace);
  // A query that names a search attribute which the namespace does not have.
  if (isInvalidArgument(error)) return 'run: onward setup, which adds the search attributes that journeys need';
  if (isPermissionDenied(error)) return 'grant this caller the permission: see TEMPORAL_API_KEY and TEMPORAL_TLS_*';
  return 'start the server, or correct TEMPORAL_ADDRESS and TEMPORAL_TLS_*';
}
