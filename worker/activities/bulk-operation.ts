import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { JourneySearch } from '../../client/search/journey-search.ts';
import { readActivityResults } from '../../client/bulk-operations/activity-results.ts';
import type { BulkOperationActivities, BatchRequest } from '../../workflows/bulk-operation/contract.ts';
import { bulkOperationResults } from '../../workflows/bulk-operation/parse.ts';
import { withHeartbeat } from '../health/heartbeat.ts';
import { callAtRate } from './rate-limit.ts';
import { listUsersOfDryRun } from './dry-run-users.ts';
import { createCommandSender } from './send-bulk-command.ts';

/** The share of the send rate that bulk operations may use, so that users' own sends do not wait behind them. */
const SEND_RATE_SHARE = 0.7;

const sendsCodes = ({ command }: BatchRequest) => ['retry', 'resend', 'resume'].includes(command);

/**
 * Creates the activities of bulk operations: one lists users, the other sends their journeys a command.
 *
 * @param sendsPerSecond the fleet's share of the provider's rate
 */
export function createBulkOperationActivities(
  client: Client,
  sendsPerSecond: number,
  closing: AbortSignal,
): BulkOperationActivities {
  const journeySearch = new JourneySearch(client);
  return {
    async listUsers({ filter, page, cursor, after }) {
      if (after !== undefined) return listUsersOfDryRun(client, { filter, page, cursor, after });
      const { items, next } = await journeySearch.list(filter, page, cursor ?? undefined);
      return { users: items.map(({ userId }) => userId), next };
    },
    sendBatch: (request) =>
      withHeartbeat(closing, async () => {
        const { perSecond, dryRun } = request;
        const maxPerSecond = sendsCodes(request) && !dryRun ? SEND_RATE_SHARE * sendsPerSecond : perSecond;
        const { users, skipped = {} } = await usersOf(client, request);
        const send = createCommandSender(client, request);
        return callAtRate(users, {
          perSecond: Math.min(perSecond, maxPerSecond),
          call: async (userId) => {
            const outcome = skipped[userId];
            return outcome === undefined ? send(userId) : { userId, outcome, until: null, why: null };
          },
          shouldContinue: () => !closing.aborted,
        });
      }),
  };
}

/** Reads the users of a batch from the history of the run that listed them. */
async function usersOf(client: Client, { runId, page, from, to }: BatchRequest) {
  const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
  const pages = await readActivityResults(client, workflowId, runId, 'listUsers', bulkOperationResults.listUsers);
  return { users: (pages[page]?.users ?? []).slice(from, to), skipped: pages[page]?.skipped };
}
