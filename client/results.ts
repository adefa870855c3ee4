import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { ofActivity } from './belonging.ts';

/** What the activities of one type have returned in one execution, in the order of their return. No worker is needed. */
export async function resultsOf(client: Client, workflowId: string, runId: string, type: string): Promise<unknown[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const scheduled = new Map<string, string>();
  const results: Promise<unknown[]>[] = [];
  for (const { eventId, ...event } of events ?? []) {
    const { activityType, activityId } = event.activityTaskScheduledEventAttributes ?? {};
    if (activityType?.name === type) scheduled.set(String(eventId), activityId ?? '');
    const completed = event.activityTaskCompletedEventAttributes;
    const id = scheduled.get(String(completed?.scheduledEventId));
    if (id === undefined) continue;
    const context = ofActivity(client, workflowId, id);
    results.push(decodeArrayFromPayloads(client.options.loadedDataConverter, completed?.result?.payloads, context));
  }
  return (await Promise.all(results)).flat();
}
