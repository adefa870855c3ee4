import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

/** Ends a what-if by its workflow id. It changes nothing, so nothing has to be finished. One that has ended is left unchanged. */
export async function stopWhatIf(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).terminate('stopped');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
