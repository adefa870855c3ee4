import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { readActivityResults } from '../../client/bulk-operations/activity-results.ts';
import { readOperation } from '../../client/bulk-operations/read-operation.ts';
import { JourneySearch } from '../../client/search/journey-search.ts';
import { operationId } from '../../workflows/bulk-operation/contract.ts';
import type { GatherRequest, UserPage } from '../../workflows/bulk-operation/contract.ts';
import { bulkOperationResults } from '../../workflows/bulk-operation/parse.ts';

const { listUsers, sendBatch } = bulkOperationResults;

/** The cursor of the users that the filter does not match any more. A cursor of the filter has no colon. */
const GONE = 'gone:';

/**
 * Lists a page of the users of an operation that follows a dry run: first those that the filter matches now, whether or not the dry
 * run had them, then those that the dry run had and the filter no longer matches.
 */
export async function listUsersOfDryRun(
  client: Client,
  { filter, page, cursor, after }: GatherRequest & Required<Pick<GatherRequest, 'after'>>,
): Promise<UserPage> {
  const inDryRun = await usersOfDryRun(client, after.dryRunId);
  if (cursor?.startsWith(GONE) === true) {
    const listed = await usersListedIn(client, after.listedIn);
    const from = Number(cursor.slice(GONE.length));
    const gone = [...inDryRun].filter((userId) => !listed.has(userId));
    const users = gone.slice(from, from + page);
    const next = from + page < gone.length ? `${GONE}${from + page}` : null;
    return { users, next, skipped: Object.fromEntries(users.map((userId) => [userId, 'noLongerMatches'])) };
  }
  const { items, next } = await new JourneySearch(client).list(filter, page, cursor ?? undefined);
  const users = items.map(({ userId }) => userId);
  const came = users.filter((userId) => !inDryRun.has(userId));
  return {
    users,
    next: next ?? `${GONE}0`,
    skipped: Object.fromEntries(came.map((userId) => [userId, 'notInDryRun'])),
  };
}

async function usersOfDryRun(client: Client, id: string): Promise<ReadonlySet<string>> {
  const { runIds } = await readOperation(client, id);
  const users = new Set<string>();
  for (const runId of runIds) {
    const batches = await readActivityResults(client, operationId(id), runId, 'sendBatch', sendBatch);
    for (const { userId } of batches.flat()) users.add(userId);
  }
  return users;
}

/** The users that this operation has listed by its filter. */
async function usersListedIn(client: Client, runIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
  const users = new Set<string>();
  for (const runId of runIds) {
    const pages = await readActivityResults(client, workflowId, runId, 'listUsers', listUsers);
    for (const { users: listed, skipped = {} } of pages) {
      for (const userId of listed) if (skipped[userId] !== 'noLongerMatches') users.add(userId);
    }
  }
  return users;
}
