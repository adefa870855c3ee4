import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, State, WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { ProviderOptions } from '../activities/index.ts';
import { createReceiver } from '../activities/receiver.ts';
import type { Receiver } from '../activities/receiver.ts';
import { createClient } from '../client/connect.ts';
import { createDataConverter } from '../client/data-converter.ts';
import type { EncryptionKey } from '../client/encryption.ts';
import { statusTo } from '../client/gateway/allowed.ts';
import { defaultRates } from '../client/settings.ts';
import type { Rates } from '../client/settings.ts';
import { checkQueue, sendQueue, TASK_QUEUE } from '../workflows/contract.ts';
import type { JourneyActivities } from '../workflows/contract.ts';
import { startTelling } from '../client/webhooks.ts';
import type { Status } from '../workflows/status.ts';
import { countTries } from './metrics.ts';
import { tally, tellPulse } from './pulse.ts';
import { traceActivities } from './tracing.ts';
import { operationActivities } from './operating.ts';
import { recoveryActivities } from './recovering.ts';

export interface OnwardWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly provider: ProviderOptions;
  readonly workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  readonly taskQueue?: string;
  /** Where changes of status are told. */
  readonly receiver?: Receiver | undefined;
  readonly rates?: Rates;
  /** How often it tells what the provider has answered, in milliseconds; every five seconds unless told. */
  readonly pulseEvery?: number;
  /** Journeys kept in memory; 0 replays each from its history every time. */
  readonly maxCachedWorkflows?: number;
  /** Switches deployment versioning on: journeys then stay on the version that they are assigned to. */
  readonly deployment?: { readonly name: string; readonly buildId: string };
}

/** About 0.2 MB each: 400 MB for the whole of it. */
const CACHED = 2_000;

/** What is in flight at a shutdown has this long to end; longer than the provider may take over one request. */
const SHUTDOWN_GRACE = '20 seconds';
/** How long a shutdown waits until the pulse was told what was tried last, in milliseconds. */
const LAST_TELLING = 5_000;

export interface OnwardWorker {
  /** Runs until `shutdown`, then finishes what is in flight. Rejects when a worker fails. */
  run(): Promise<void>;
  shutdown(): void;
  /** Of each of its workers: they poll while `RUNNING`. */
  states(): readonly State[];
}

/**
 * A worker for journeys, sends and checks. Sends and checks poll queues of their own: their rate limits hold for the
 * whole fleet, and a check never waits behind a crowd of sends.
 */
export async function createWorker(options: OnwardWorkerOptions): Promise<OnwardWorker> {
  const { connection, namespace, taskQueue = TASK_QUEUE, rates = defaultRates, deployment } = options;
  const closing = new AbortController();
  const client = createClient(connection, namespace, options.encryptionKeys);
  const tried = tally((tries) => tellPulse(client, taskQueue, tries), options.pulseEvery);
  const counts = [countTries(), tried.count];
  const provider = createActivities({ ...options.provider, onTried: (one) => counts.forEach((count) => count(one)) });
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    dataConverter: createDataConverter(options.encryptionKeys),
    shutdownGraceTime: SHUTDOWN_GRACE,
    interceptors: { activity: [traceActivities] },
    ...(deployment && {
      workerDeploymentOptions: {
        version: { deploymentName: deployment.name, buildId: deployment.buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED' as const,
      },
    }),
  };
  const journeys = await Worker.create({
    ...common,
    taskQueue,
    workflowBundle: options.workflowBundle,
    activities: {
      ...ownActivities({ eagerly: deployment === undefined }),
      ...createReceiver(options.receiver),
      ...recoveryActivities(client, closing.signal),
      ...operationActivities(client, rates.sendsPerSecond, closing.signal),
    },
    maxCachedWorkflows: options.maxCachedWorkflows ?? CACHED,
  });
  const sends = await Worker.create({
    ...common,
    taskQueue: sendQueue(taskQueue),
    activities: { ...provider.sends },
    maxTaskQueueActivitiesPerSecond: rates.sendsPerSecond,
  });
  const checks = await Worker.create({
    ...common,
    taskQueue: checkQueue(taskQueue),
    activities: { ...provider.checks },
    maxTaskQueueActivitiesPerSecond: rates.checksPerSecond,
  });
  return together([journeys, sends, checks], closing, () => {
    provider.close();
    return Promise.race([tried.end(), pause(LAST_TELLING, undefined, { ref: false })]);
  });
}

function together(workers: readonly Worker[], closing: AbortController, close: () => Promise<void>): OnwardWorker {
  const shutdown = () => {
    closing.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const run = async () => {
    const runs = workers.map((worker) => worker.run());
    // One that fails takes the others down in order, so that the process ends and is started anew as a whole.
    for (const one of runs) one.catch(shutdown);
    const failed = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected');
    await close();
    if (failed !== undefined) throw failed.reason;
  };
  return { run, shutdown, states: () => workers.map((worker) => worker.getState()) };
}

type Own = JourneyActivities & Record<string, (...given: never[]) => Promise<unknown>>;

/**
 * What journeys ask of their worker itself.
 *
 * @param eagerly whether a telling begins on this worker; with versions it would stay on this one's, which may be gone before the
 *   receiver is back
 */
const ownActivities = ({ eagerly }: { readonly eagerly: boolean }): Own => ({
  async requestCancellation() {
    const { client, info } = Context.current();
    const { workflowId, runId } = info.workflowExecution ?? { workflowId: '', runId: '' };
    await client.workflow.getHandle(workflowId, runId).cancel();
  },
  async tellStatus(status: Status) {
    const { client, info } = Context.current();
    await startTelling(client, statusTo(status, 'app'), { taskQueue: info.taskQueue, eagerly });
  },
  async readClock() {
    return Date.now();
  },
});
