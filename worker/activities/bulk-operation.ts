import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { JourneySearch } from '../../client/search/journey-search.ts';
import { readActivityResults } from '../../client/bulk-operations/activity-results.ts';
import type { BulkOperationActivities, BatchRequest, UserPage } from '../../workflows/bulk-operation/contract.ts';
import { bulkOperationResults } from '../../workflows/bulk-operation/parse.ts';
import { withHeartbeat } from '../health/heartbeat.ts';
import { callAtRate } from './rate-limit.ts';
import { listUsersOfDryRun } from './dry-run-users.ts';
import { listWebhooks, createWebhookSender } from './resend-webhooks.ts';
import { createCommandSender } from './send-bulk-command.ts';

/** The share of the send rate that bulk operations may use, so that users' own sends do not wait behind them. */
const SEND_RATE_SHARE = 0.7;

const sendsCodes = ({ command }: BatchRequest) => ['retry', 'resend', 'resume'].includes(command);

/**
 * Creates the activities of bulk operations: one lists users or webhooks, the other sends the journeys a command or resends the webhooks.
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
    async listUsers({ filter, page, cursor, after, webhooks }) {
      if (webhooks !== undefined) return listWebhooks(client, { webhooks, page, cursor });
      if (after !== undefined) return listUsersOfDryRun(client, { filter, page, cursor, after });
      const { items, next } = await journeySearch.list(filter, page, cursor ?? undefined);
      return { users: items.map(({ userId }) => userId), next };
    },
    sendBatch: (request) =>
      withHeartbeat(closing, async () => {
        const { perSecond, dryRun, command, from, to } = request;
        const maxPerSecond = sendsCodes(request) && !dryRun ? SEND_RATE_SHARE * sendsPerSecond : perSecond;
        const { users, webhooks = [], skipped = {} } = await readPage(client, request);
        const rate = { perSecond: Math.min(perSecond, maxPerSecond), shouldContinue: () => !closing.aborted };
        if (command === 'resendWebhooks') {
          return callAtRate(webhooks.slice(from, to), { ...rate, call: createWebhookSender(client, request) });
        }
        const send = createCommandSender(client, { ...request, command });
        return callAtRate(users.slice(from, to), {
          ...rate,
          call: async (userId) => {
            const outcome = skipped[userId];
            return outcome === undefined ? send(userId) : { userId, outcome, until: null, why: null };
          },
        });
      }),
  };
}

/** Reads the page of a batch from the history of the run that listed it. */
async function readPage(client: Client, { runId, page }: BatchRequest): Promise<UserPage> {
  const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
  const pages = await readActivityResults(client, workflowId, runId, 'listUsers', bulkOperationResults.listUsers);
  return pages[page] ?? { users: [], next: null };
}
