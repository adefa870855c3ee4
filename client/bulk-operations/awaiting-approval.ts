import type { Client } from '@temporalio/client';
import type { BulkOperationInput } from '../../workflows/bulk-operation/contract.ts';
import { operationTarget } from '../../workflows/journey/commands.ts';
import { openOperations } from './read-operation.ts';

/** The operations that wait for the approval of a second operator, the oldest first. */
export type AwaitingApproval = readonly Pick<BulkOperationInput, 'id' | 'command' | 'expected' | 'by' | 'at'>[];

/** Finds the operations that wait for an approval. Needs no worker. */
export async function findAwaiting(client: Client): Promise<AwaitingApproval> {
  const open = await openOperations(client);
  return open
    .filter(({ progress }) => progress.state === 'awaitingApproval')
    .map(({ order }) => order)
    .toSorted((one, other) => one.at.localeCompare(other.at));
}

/** Describes them and what to do; `undefined` if there is none. */
export function describeAwaiting(
  awaiting: AwaitingApproval,
): { readonly description: string; readonly since: string; readonly action: string } | undefined {
  const [oldest] = awaiting;
  if (oldest === undefined) return undefined;
  const { id, command, expected, by, at } = oldest;
  const oldestText = `${command} for ${expected} ${operationTarget(command, expected)}, asked for by ${by.name}`;
  return {
    description:
      awaiting.length === 1
        ? `a bulk operation waits for the approval of a second operator: ${oldestText}`
        : `${awaiting.length} bulk operations wait for the approval of a second operator; the oldest: ${oldestText}`,
    since: at,
    action: `another operator approves or rejects it: \`onward operations show ${id}\``,
  };
}
