import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { temporal } from '@temporalio/proto';
import { checkQueue, sendQueue } from '../../workflows/contract.ts';
import { bad, good } from './check.ts';
import type { Check, CheckName } from './check.ts';
import { look } from './server.ts';

const { TaskQueueType } = proto.temporal.api.enums.v1;

/** A poll that finds nothing lasts a minute: who has not polled for longer is gone. */
const LONGEST_SILENCE = 90_000;

/** Whether workers poll each of the queues. A worker that has just died is still seen for a moment. */
export function checkPollers(client: Client, taskQueue: string): Promise<readonly Check[]> {
  return Promise.all([
    polled(client, 'journeyPollers', taskQueue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW),
    polled(client, 'sendPollers', sendQueue(taskQueue), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
    polled(client, 'checkPollers', checkQueue(taskQueue), TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY),
  ]);
}

function polled(
  client: Client,
  name: CheckName,
  queue: string,
  taskQueueType: temporal.api.enums.v1.TaskQueueType,
): Promise<Check> {
  const { namespace } = client.options;
  return look(client, name, async () => {
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: queue },
      taskQueueType,
    });
    return judge(name, queue, pollers, Date.now());
  });
}

type Poller = temporal.api.taskqueue.v1.IPollerInfo;

function judge(name: CheckName, queue: string, pollers: readonly Poller[], now: number): Check {
  const mend = 'start a worker with this namespace: npm run worker';
  if (pollers.length === 0) return bad(name, `no worker polls '${queue}'`, mend);
  const polledAt = pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000);
  const live = polledAt.filter((at) => now - at <= LONGEST_SILENCE);
  const silence = Math.max(0, Math.round((now - Math.max(...polledAt)) / 1_000));
  if (live.length === 0) return bad(name, `the last worker polled '${queue}' ${silence} s ago`, mend);
  const workers = live.length === 1 ? '1 worker polls' : `${live.length} workers poll`;
  return good(name, `${workers} '${queue}', the last time ${silence} s ago`);
}
