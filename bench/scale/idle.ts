import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Onward } from '../../client/onward.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { journeyId, statusQuery } from '../../workflows/contract.ts';
import type { Child } from '../stand/child.ts';
import { memoryOf } from '../stand/cost.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';
import type { Provider } from '../stand/provider.ts';
import { startHeapWorker, startWorker } from '../stand/worker.ts';
import { begin } from '../twin/idle.ts';
import { ours } from '../twin/systems.ts';
import { forEach, timed } from './many.ts';
import type { ScaledServer } from './servers.ts';

/** Journeys that wait for their users, all in the cache of one worker. */
export interface Idle {
  readonly journeys: number;
  /** `maxCachedWorkflows` */
  readonly cached: number;
  /** Bytes of the worker's process for each, and in all, after collection. */
  readonly memory: number;
  readonly memoryInAll: number;
  /** Bytes of its workflows' heap for each. */
  readonly heap: number;
  /** Bytes of the server's process in all. */
  readonly server: number;
  readonly again: Again;
}

/** A worker that was killed, and started again while they wait. */
interface Again {
  /** Milliseconds from its start until the server sees it poll, and until it tells a status. */
  readonly polls: number;
  readonly answers: number;
  /** Statuses that were asked for then, one after the other, each of a journey that is replayed for it. */
  readonly asked: Times;
  /** Milliseconds for all the others, eight at a time. */
  readonly others: number;
}

const WARM = 200;
const ASKED = 100;
const LONGEST = 60_000;
const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;

export async function idleAt(
  { address, pid }: ScaledServer,
  client: Client,
  provider: Provider,
  journeys: number,
): Promise<Idle> {
  const taskQueue = `idle-${journeys}`;
  const cached = Math.round(journeys * 1.1) + WARM;
  const given = { address, taskQueue, bundlePath, provider, maxCachedWorkflows: cached };
  const system = ours(client, taskQueue);
  const worker = await startHeapWorker(given);
  const held = async () => {
    await worker.ask('heap');
    return { heap: await worker.ask<number>('workflowHeap'), memory: await memoryOf(worker.pid) };
  };
  try {
    await begin(system, provider, WARM);
    const before = await held();
    const users = await begin(system, provider, journeys);
    const after = await held();
    const server = await memoryOf(pid);
    await worker.kill();
    return {
      journeys,
      cached,
      memory: (after.memory - before.memory) / journeys,
      memoryInAll: after.memory,
      heap: (after.heap - before.heap) / journeys,
      server,
      again: await again(client, users, taskQueue, () => startWorker(given)),
    };
  } finally {
    await worker.kill();
  }
}

async function again(
  client: Client,
  users: readonly string[],
  taskQueue: string,
  start: () => Promise<Child>,
): Promise<Again> {
  const began = performance.now();
  const worker = await start();
  try {
    await until(() => isPolledBy(client, taskQueue, worker.pid));
    const polls = performance.now() - began;
    const onward = new Onward({ client, taskQueue });
    const [first = '', ...rest] = users;
    await until(async () => (await onward.status(first)).live);
    const answers = performance.now() - began;
    const asked = times(await timed(rest.slice(0, ASKED), (userId) => onward.status(userId)));
    const others = await forEach(rest.slice(ASKED), 8, (userId) =>
      client.workflow.getHandle(journeyId(userId)).query(statusQuery),
    );
    return { polls, answers, asked, others };
  } finally {
    await worker.kill();
  }
}

async function isPolledBy(client: Client, taskQueue: string, pid: number): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE_WORKFLOW,
  });
  return pollers.some(({ identity }) => identity?.startsWith(`${pid}@`));
}

async function until(is: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + LONGEST; Date.now() < deadline; await pause(20)) if (await is()) return;
  throw new Error('the worker that was started again is not seen to work');
}
