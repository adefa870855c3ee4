import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { open } from '../../workflows/engine/core/envelope.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { decodePayload, openOrUnreadable, UNREADABLE } from '../temporal/messages.ts';
import { activityContext } from '../temporal/serialization-context.ts';

/**
 * Reads the results of all activities of one type from a workflow run, in order of completion. Needs no worker. A result that is not
 * authentic is left out, as the workflow itself leaves it out: it repeats the activity.
 *
 * @throws UnreadableValue if another release has written a result in a way that this one cannot read. It is not left out: batches name
 *   users by the position of their result
 */
export async function readActivityResults<Result>(
  client: Client,
  workflowId: string,
  runId: string,
  name: string,
  parse: Parser<Result>,
): Promise<Result[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const scheduled = new Map<string, { readonly activityId: string; readonly order: Payload | undefined }>();
  const results: Promise<unknown>[] = [];
  for (const { eventId, ...event } of events ?? []) {
    const { activityType, activityId, input } = event.activityTaskScheduledEventAttributes ?? {};
    if (activityType?.name === name) {
      scheduled.set(String(eventId), { activityId: activityId ?? '', order: input?.payloads?.[0] });
    }
    const completed = event.activityTaskCompletedEventAttributes;
    const activity = scheduled.get(String(completed?.scheduledEventId));
    if (activity === undefined) continue;
    results.push(readResult(client, workflowId, name, activity, completed?.result?.payloads?.[0]));
  }
  const read = await Promise.all(results);
  return read.filter((one) => one !== UNREADABLE).map((result) => parse(result, name));
}

/** A result answers the order of its own activity. */
async function readResult(
  client: Client,
  workflowId: string,
  name: string,
  { activityId, order }: { readonly activityId: string; readonly order: Payload | undefined },
  result: Payload | undefined,
): Promise<unknown> {
  const context = activityContext(client, workflowId, activityId);
  const [asked, answered] = await Promise.all([
    decodePayload(client, order, context),
    decodePayload(client, result, context),
  ]);
  return openOrUnreadable(() => {
    const { id } = open(asked, `activity:${name}`);
    return open(answered, `result:${name}`, id).body;
  });
}
