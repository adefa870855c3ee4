import type { Client } from '@temporalio/client';
import { operationId } from '../../workflows/bulk-operation/contract.ts';
import type { BulkOperationMemo } from '../../workflows/bulk-operation/contract.ts';
import { bulkOperationResults } from '../../workflows/bulk-operation/parse.ts';
import { allExecutions } from '../search/list-executions.ts';
import { readActivityResults } from './activity-results.ts';
import { openOperations } from './read-operation.ts';
import type { BulkOperation } from './read-operation.ts';

const { listUsers, sendBatch } = bulkOperationResults;

/** A running operation that acts on users of a dry run. */
export interface Overlap extends Pick<BulkOperation, 'id' | 'command' | 'by' | 'at'> {
  /** The number of users in both, as far as the other operation has listed its users. */
  readonly users: number;
}

/**
 * Finds the running operations that act on users of a dry run. Needs no worker. Visibility lists an operation within a second
 * of its start, so one that starts at the same moment may be missing.
 *
 * @param runIds the runs of the dry run
 */
export async function findOverlaps(client: Client, id: string, runIds: readonly string[]): Promise<Overlap[]> {
  const others = (await openOperations(client)).filter(
    ({ order }) => !order.dryRun && order.id !== id && order.command !== 'resendWebhooks',
  );
  if (others.length === 0) return [];
  const workflowId = operationId(id);
  const batches = await Promise.all(
    runIds.map((runId) => readActivityResults(client, workflowId, runId, 'sendBatch', sendBatch)),
  );
  const users = new Set(batches.flat(2).map(({ userId }) => userId));
  const overlaps = await Promise.all(others.map((other) => overlapWith(client, other, users)));
  return overlaps.filter(({ users: shared }) => shared > 0);
}

async function overlapWith(
  client: Client,
  { order: { id, command, by, at } }: BulkOperationMemo,
  users: ReadonlySet<string>,
): Promise<Overlap> {
  const workflowId = operationId(id);
  let shared = 0;
  for await (const { execution } of allExecutions(client, `WorkflowId = '${workflowId}'`)) {
    const pages = await readActivityResults(client, workflowId, execution?.runId ?? '', 'listUsers', listUsers);
    for (const { users: listed, skipped = {} } of pages) {
      shared += listed.filter((userId) => users.has(userId) && skipped[userId] === undefined).length;
    }
  }
  return { id, command, by, at, users: shared };
}
