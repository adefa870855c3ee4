import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { checkQueue, sendQueue } from '../../workflows/contract.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;
type QueueType = temporal.api.enums.v1.TaskQueueType;

/** A long poll lasts up to a minute, so a worker without a poll for longer is gone. */
const MAX_POLL_AGE_MS = 90_000;

/** The pollers of a task queue. A worker that has just died is still counted for a moment. */
export interface QueuePollers {
  readonly queue: string;
  /** Number of workers that poll now. */
  readonly workers: number;
  /** Milliseconds since the last poll; `null` if no worker has ever polled. */
  readonly silence: number | null;
}

export type QueueUse = 'journeys' | 'sends' | 'checks';

const queues: { readonly [U in QueueUse]: (taskQueue: string) => { readonly name: string; readonly type: QueueType } } =
  {
    journeys: (taskQueue) => ({ name: taskQueue, type: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW }),
    sends: (taskQueue) => ({ name: sendQueue(taskQueue), type: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY }),
    checks: (taskQueue) => ({ name: checkQueue(taskQueue), type: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY }),
  };

export const queueUses = Object.keys(queues) as QueueUse[];

/** Reads the pollers of one of the task queues that journeys need. Needs no worker. */
export async function findPollers(client: Client, taskQueue: string, use: QueueUse): Promise<QueuePollers> {
  const { name: queue, type: taskQueueType } = queues[use](taskQueue);
  const { namespace } = client.options;
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: queue },
    taskQueueType,
  });
  const silences = pollers.map(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000);
  return {
    queue,
    workers: silences.filter((silence) => silence <= MAX_POLL_AGE_MS).length,
    silence: silences.length === 0 ? null : Math.max(0, Math.min(...silences)),
  };
}
