import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';

/** What the activities of one type have returned in one execution, in the order of their return. No worker is needed. */
export async function resultsOf(client: Client, workflowId: string, runId: string, type: string): Promise<unknown[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const scheduled = new Set<string>();
  const payloads = (events ?? []).flatMap((event) => {
    if (event.activityTaskScheduledEventAttributes?.activityType?.name === type) scheduled.add(String(event.eventId));
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed == null || !scheduled.has(String(completed.scheduledEventId))) return [];
    return completed.result?.payloads ?? [];
  });
  return decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
}
