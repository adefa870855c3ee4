import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { checkQueue, sendQueue } from '../../../workflows/contract.ts';

const { TASK_QUEUE_TYPE_ACTIVITY: taskQueueType } = proto.temporal.api.enums.v1.TaskQueueType;

/** How long a task that was handed out before may take to reach its worker. */
const TRANSIT_MS = 700;
const POLL_INTERVAL_MS = 20;

/**
 * Stops Temporal from handing out requests to the provider, as an operator can by `temporal task-queue config set`. They wait in their
 * queues. A server before the capability `worker_poll_complete_on_shutdown` may otherwise hand one to a poll that a stopping worker is
 * giving up, and it is lost.
 *
 * @param taskQueue the task queue of the journeys
 */
export async function stopDispatch(client: Client, taskQueue: string): Promise<void> {
  await limitDispatch(client, taskQueue, { requestsPerSecond: 0 });
  for (const name of queuesOf(taskQueue)) while (!(await isStopped(client, name))) await pause(POLL_INTERVAL_MS);
  await pause(TRANSIT_MS);
}

/** Lets Temporal hand out requests again. */
export function resumeDispatch(client: Client, taskQueue: string): Promise<void> {
  return limitDispatch(client, taskQueue, null);
}

const queuesOf = (taskQueue: string) => [sendQueue(taskQueue), checkQueue(taskQueue)];

async function limitDispatch(
  { options: { namespace, identity }, workflowService }: Client,
  journeys: string,
  rateLimit: { readonly requestsPerSecond: number } | null,
): Promise<void> {
  for (const taskQueue of queuesOf(journeys)) {
    const updateQueueRateLimit = { rateLimit, reason: 'a worker is being replaced' };
    await workflowService.updateTaskQueueConfig({
      namespace,
      identity,
      taskQueue,
      taskQueueType,
      updateQueueRateLimit,
    });
  }
}

/** Whether the limit is in effect, which takes a moment after it was set. */
async function isStopped({ options: { namespace }, workflowService }: Client, name: string): Promise<boolean> {
  const { effectiveRateLimit } = await workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name },
    taskQueueType,
  });
  return effectiveRateLimit?.requestsPerSecond === 0;
}
