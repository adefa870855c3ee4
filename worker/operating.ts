import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { Directory } from '../client/directory.ts';
import { resultsOf } from '../client/results.ts';
import type { Gathered, OperationActivities, TellRequest } from '../workflows/operation/contract.ts';
import { alive } from './alive.ts';
import { paced } from './pace.ts';
import { telling } from './telling.ts';

/** Of what the provider is sent to in a second, the share that operations may take: users' own sends are not to wait behind them. */
const SHARE = 0.7;

const asksForCodes = ({ command }: TellRequest) => ['retry', 'resend', 'resume'].includes(command);

/**
 * What bulk operations ask of their worker: it gathers users, and tells their journeys.
 *
 * @param sendsPerSecond the fleet's share of the provider's rate
 */
export function operationActivities(client: Client, sendsPerSecond: number, closing: AbortSignal): OperationActivities {
  const directory = new Directory(client);
  return {
    async gatherUsers({ filter, page, cursor }) {
      const { items, next } = await directory.list(filter, page, cursor ?? undefined);
      return { users: items.map(({ userId }) => userId), next };
    },
    tellBatch: (request) =>
      alive(closing, async () => {
        const { perSecond, dryRun } = request;
        const most = asksForCodes(request) && !dryRun ? SHARE * sendsPerSecond : perSecond;
        return paced(await usersOf(client, request), {
          perSecond: Math.min(perSecond, most),
          call: telling(client, request),
          goOn: () => !closing.aborted,
        });
      }),
  };
}

/** The users of a batch, from the history in which they were gathered. */
async function usersOf(client: Client, { runId, page, from, to }: TellRequest): Promise<readonly string[]> {
  const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
  const pages = (await resultsOf(client, workflowId, runId, 'gatherUsers')) as Gathered[];
  return (pages[page]?.users ?? []).slice(from, to);
}
