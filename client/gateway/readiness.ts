import type { Client } from '@temporalio/client';

const PATIENCE = 2_000;

/** Asks whether Temporal answers, for the namespace that the journeys live in. */
export function readiness(client: Client): () => Promise<boolean> {
  const { namespace } = client.options;
  return async () => {
    try {
      await client.withDeadline(Date.now() + PATIENCE, () => client.workflowService.describeNamespace({ namespace }));
      return true;
    } catch {
      return false;
    }
  };
}
