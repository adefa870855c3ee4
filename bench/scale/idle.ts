import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Onward } from '../../client/onward.ts';
import { queryWorkflow } from '../../client/temporal/messages.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { journeyId } from '../../workflows/contract.ts';
import type { Child } from '../harness/child.ts';
import { readMemoryBytes } from '../harness/cost.ts';
import { percentilesOf } from '../harness/numbers.ts';
import type { Times } from '../harness/numbers.ts';
import type { Provider } from '../harness/provider.ts';
import { startHeapWorker, startWorker } from '../harness/worker.ts';
import { startIdleJourneys } from '../twin/idle.ts';
import { onwardSystem } from '../twin/systems.ts';
import { forEach, timeEach } from './concurrency.ts';
import type { ScaledServer } from './servers.ts';

/** Idle journeys, all in the cache of one worker. */
export interface Idle {
  readonly journeys: number;
  /** `maxCachedWorkflows` */
  readonly cached: number;
  /** Bytes of the worker's process for each journey and in total, after a garbage collection. */
  readonly memory: number;
  readonly memoryInAll: number;
  /** Bytes of the heap of the workflow thread for each journey. */
  readonly heap: number;
  /** Bytes of the server's process. */
  readonly server: number;
  readonly again: RestartFigures;
}

/** The restart of a worker that was killed. */
interface RestartFigures {
  /** Milliseconds from its start until the server registers its poll, and until it answers a query. */
  readonly polls: number;
  readonly answers: number;
  /** The time of status reads one after the other, each of which replays a journey. */
  readonly statusReads: Times;
  /** Milliseconds to read all other statuses, eight at a time. */
  readonly others: number;
}

const WARM_UP_JOURNEYS = 200;
const STATUS_READS = 100;
const TIMEOUT_MS = 60_000;
const { TASK_QUEUE_TYPE_WORKFLOW } = proto.temporal.api.enums.v1.TaskQueueType;

export async function measureIdle(
  { address, pid }: ScaledServer,
  client: Client,
  provider: Provider,
  journeys: number,
): Promise<Idle> {
  const taskQueue = `idle-${journeys}`;
  const cached = Math.round(journeys * 1.1) + WARM_UP_JOURNEYS;
  const workerOptions = { address, taskQueue, bundlePath, provider, maxCachedWorkflows: cached };
  const system = onwardSystem(client, taskQueue);
  const worker = await startHeapWorker(workerOptions);
  const readMemory = async () => {
    await worker.request('heap');
    return { heap: await worker.request<number>('workflowHeap'), memory: await readMemoryBytes(worker.pid) };
  };
  try {
    await startIdleJourneys(system, provider, WARM_UP_JOURNEYS);
    const before = await readMemory();
    const users = await startIdleJourneys(system, provider, journeys);
    const after = await readMemory();
    const server = await readMemoryBytes(pid);
    await worker.kill();
    return {
      journeys,
      cached,
      memory: (after.memory - before.memory) / journeys,
      memoryInAll: after.memory,
      heap: (after.heap - before.heap) / journeys,
      server,
      again: await measureRestart(client, users, taskQueue, () => startWorker(workerOptions)),
    };
  } finally {
    await worker.kill();
  }
}

async function measureRestart(
  client: Client,
  users: readonly string[],
  taskQueue: string,
  start: () => Promise<Child>,
): Promise<RestartFigures> {
  const startedAt = performance.now();
  const worker = await start();
  try {
    await waitUntil(() => isPolledBy(client, taskQueue, worker.pid));
    const polls = performance.now() - startedAt;
    const onward = new Onward({ client, taskQueue });
    const [first = '', ...rest] = users;
    await waitUntil(async () => (await onward.status(first)).live);
    const answers = performance.now() - startedAt;
    const statusReads = percentilesOf(await timeEach(rest.slice(0, STATUS_READS), (userId) => onward.status(userId)));
    const others = await forEach(rest.slice(STATUS_READS), 8, (userId) =>
      queryWorkflow(client.workflow.getHandle(journeyId(userId)), 'status'),
    );
    return { polls, answers, statusReads, others };
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

async function waitUntil(is: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await pause(20)) if (await is()) return;
  throw new Error('the restarted worker did not poll and answer within 60 s');
}
