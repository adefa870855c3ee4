import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { createRequest } from '../../workflows/engine/client.ts';
import { RECONCILIATION_MEMO, RECONCILIATION_TYPE, reconciliationId } from '../../workflows/reconciliation/contract.ts';
import type {
  ReconciliationInput,
  ReconciliationMemo,
  ReconciliationSizes,
} from '../../workflows/reconciliation/contract.ts';
import { initialProgress } from '../../workflows/reconciliation/state.ts';

/** With the longest user ids, the results of one run stay below the 4 MB that a client can read of a history at once. */
export const defaultSizes: ReconciliationSizes = { page: 2_000, pages: 5, batches: 25 };

/** Starts the workflow of a reconciliation. Returns `false` if one with this id exists. */
export async function startReconciliation(
  client: Client,
  taskQueue: string,
  order: ReconciliationInput,
): Promise<boolean> {
  const shown: ReconciliationMemo = { order, progress: initialProgress(order.at), processedIn: [] };
  try {
    await client.workflow.start(RECONCILIATION_TYPE, {
      workflowId: reconciliationId(order.id),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      taskQueue,
      args: [createRequest('start', RECONCILIATION_TYPE, order)],
      memo: { [RECONCILIATION_MEMO]: createRequest('memo', RECONCILIATION_MEMO, shown) },
      staticSummary: `${order.dryRun ? 'dry run: ' : ''}compares the provider's users with the journeys`,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
