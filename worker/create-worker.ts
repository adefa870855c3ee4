import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import type { InjectedSinks, NativeConnection, State, WorkerOptions } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { createProviderActivities } from '../activities/sfox/provider-activities.ts';
import type { ProviderOptions } from '../activities/sfox/provider-activities.ts';
import type { ProviderAttempt } from '../activities/contract.ts';
import type { VerificationProvider } from '../activities/verification-provider.ts';
import type { WebhookReceiver } from '../activities/webhook-receiver.ts';
import { createClient } from '../client/temporal/connect.ts';
import { createDataConverter } from '../client/temporal/data-converter.ts';
import type { EncryptionKey } from '../client/temporal/encryption-codec.ts';
import { defaultRates, defaultSendBudget, defaultSettings } from '../client/config/policy-file.ts';
import type { Rates } from '../client/config/policy-file.ts';
import type { QuietHoursSetting } from '../client/config/quiet-hours.ts';
import type { UserIdRule } from '../client/validation.ts';
import { readHealthState } from '../client/monitoring/provider-health.ts';
import type { SendBudget } from '../workflows/provider-health/code-counts.ts';
import { checkQueue, sendQueue, TASK_QUEUE } from '../workflows/contract.ts';
import { defaultPolicy } from '../workflows/journey/policy/policy.ts';
import type { Policy } from '../workflows/journey/policy/policy.ts';
import type { JourneySinks } from '../workflows/journey-metrics.ts';
import { ActivitySlots } from './health/activity-slots.ts';
import { bundlePath } from './bundle.ts';
import { createCustomProvider } from './provider/custom-provider.ts';
import { createAttemptCounter } from './health/metrics.ts';
import { checkRequests } from './check-requests.ts';
import { createOwnProviderCheck } from './provider/check-provider-id.ts';
import { createAbandonedTaskCheck, SuspensionWatch } from './health/suspension.ts';
import { createHealthReporter, reportProviderHealth } from './provider/provider-health-reporter.ts';
import type { HealthReporter } from './provider/provider-health-reporter.ts';
import { limitSends, WorkerSendBudget } from './provider/send-budget.ts';
import { traceActivities } from './trace-interceptor.ts';
import { createActivities } from './activities/index.ts';

export interface OnwardWorkerOptions {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
  /** The address and key of sFOX Connect, or another provider. */
  readonly provider: ProviderOptions | VerificationProvider;
  /**
   * Names the provider: only journeys that name it, or none, are served. Default: the origin of the base URL of sFOX Connect; a provider
   * of your own that has no name serves only journeys that name none.
   */
  readonly providerId?: string;
  /** Earlier names of the same provider. */
  readonly formerProviderIds?: readonly string[];
  /** Default: the bundle of this build. */
  readonly workflowBundle?: NonNullable<WorkerOptions['workflowBundle']>;
  readonly taskQueue?: string;
  /** The receiver of status changes. */
  readonly receiver?: WebhookReceiver | undefined;
  readonly rates?: Rates;
  /** The policy of journeys that a reconciliation starts. */
  readonly policy?: Policy;
  /** The quiet hours of those journeys. */
  readonly quietHours?: QuietHoursSetting | null;
  readonly userIds?: UserIdRule;
  /** The most codes of all journeys together, by channel, hour and day. */
  readonly sendBudget?: SendBudget;
  /** How often the worker reports the provider's replies, in milliseconds. Default: five seconds. */
  readonly healthReportInterval?: number;
  /** Journeys cached in memory; 0 replays each from its history every time. */
  readonly maxCachedWorkflows?: number;
  /** Enables worker versioning: journeys stay on the version that they are assigned to. */
  readonly deployment?: { readonly name: string; readonly buildId: string };
}

/** About 0.2 MB each: 400 MB in all. */
const MAX_CACHED_WORKFLOWS = 2_000;

/** How long work in flight may take at a shutdown; longer than the timeout of one provider request. */
const SHUTDOWN_GRACE_MS = '20 seconds';
/** How long a shutdown waits for the last provider health report. */
const FINAL_REPORT_TIMEOUT_MS = 5_000;

export interface OnwardWorker {
  /** Runs until `shutdown`, then finishes the work in flight. Rejects if a worker fails. */
  run(): Promise<void>;
  shutdown(): void;
  /** The state of each of its workers; a worker polls while `RUNNING`. */
  states(): readonly State[];
  /** Activities that have not returned by their timeout and occupy a slot. */
  overdueActivities(): number;
}

/**
 * Creates a worker for journeys, sends and checks. Sends and checks have task queues of their own, so that their rate
 * limits apply to the whole fleet and a check never waits behind many sends.
 */
export async function createWorker(options: OnwardWorkerOptions): Promise<OnwardWorker> {
  const { connection, namespace, taskQueue = TASK_QUEUE, rates = defaultRates, deployment } = options;
  const closing = new AbortController();
  const slots = new ActivitySlots();
  const client = createClient(connection, namespace, options.encryptionKeys);
  const { provider, providerId, healthReporter } = createProvider(options, client, taskQueue);
  const common = commonOptions(options, slots);
  const activities = createActivities({
    client,
    provider,
    providerId,
    receiver: options.receiver,
    policy: options.policy ?? defaultPolicy,
    quietHours: options.quietHours ?? null,
    userIds: options.userIds ?? defaultSettings.userIds,
    taskQueue,
    sendsPerSecond: rates.sendsPerSecond,
    closing: closing.signal,
    isEager: deployment === undefined,
  });
  const journeys = await Worker.create({
    ...common,
    taskQueue,
    workflowBundle: options.workflowBundle ?? { codePath: bundlePath },
    activities: activities.journeys,
    maxCachedWorkflows: options.maxCachedWorkflows ?? MAX_CACHED_WORKFLOWS,
    sinks: createSinks(healthReporter),
  });
  const sends = await Worker.create({
    ...common,
    taskQueue: sendQueue(taskQueue),
    activities: activities.sends,
    maxTaskQueueActivitiesPerSecond: rates.sendsPerSecond,
  });
  const checks = await Worker.create({
    ...common,
    taskQueue: checkQueue(taskQueue),
    activities: activities.checks,
    maxTaskQueueActivitiesPerSecond: rates.checksPerSecond,
  });
  return combineWorkers([journeys, sends, checks], slots, closing, () => {
    provider.close();
    return Promise.race([healthReporter.end(), pause(FINAL_REPORT_TIMEOUT_MS, undefined, { ref: false })]);
  });
}

function createSinks({ countEvent }: HealthReporter): InjectedSinks<JourneySinks> {
  return { statistics: { count: { fn: (_, name) => countEvent(name), callDuringReplay: false } } };
}

/** The provider as the activities use it: limited to its own journeys and to the budget of sends, and reported on. */
function createProvider(options: OnwardWorkerOptions, client: Client, taskQueue: string) {
  const { provider: given, providerId, formerProviderIds = [] } = options;
  const budget = new WorkerSendBudget(options.sendBudget ?? defaultSendBudget, async () => {
    return (await readHealthState(client, taskQueue))?.codes;
  });
  const healthReporter = createHealthReporter(async (attempts) => {
    await reportProviderHealth(client, taskQueue, attempts);
    if (attempts.codes !== undefined) budget.reported(attempts.codes);
  }, options.healthReportInterval);
  const counts = [createAttemptCounter(), healthReporter.count, budget.count];
  const onAttempt = (attempt: ProviderAttempt, userId?: string) => {
    for (const count of counts) count(attempt, userId);
  };
  const isCustom = 'sendCode' in given;
  const id = providerId ?? (isCustom ? undefined : new URL(given.baseUrl).origin);
  const ids = id === undefined ? [] : [id, ...formerProviderIds];
  const provider = isCustom
    ? createCustomProvider(given, onAttempt)
    : createProviderActivities({ ...given, onAttempt });
  const suspension = new SuspensionWatch();
  // This is the last check before a request, since the process may be suspended at any point before it.
  const awaited = checkRequests(provider, createAbandonedTaskCheck(client, suspension));
  const own = checkRequests(limitSends(awaited, budget), createOwnProviderCheck(ids, onAttempt));
  const close = () => {
    own.close();
    suspension.close();
  };
  return { provider: { ...own, close }, providerId: id, healthReporter };
}

function commonOptions(options: OnwardWorkerOptions, slots: ActivitySlots): Omit<WorkerOptions, 'taskQueue'> {
  const { deployment } = options;
  return {
    connection: options.connection,
    namespace: options.namespace,
    // A foreign payload must not fail the workflow task again and again: workflows and activities refuse it themselves.
    dataConverter: createDataConverter(options.encryptionKeys, { foreignAsUndefined: true }),
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    interceptors: { activity: [traceActivities, slots.watch] },
    ...(deployment && {
      workerDeploymentOptions: {
        version: { deploymentName: deployment.name, buildId: deployment.buildId },
        useWorkerVersioning: true,
        defaultVersioningBehavior: 'PINNED' as const,
      },
    }),
  };
}

function combineWorkers(
  workers: readonly Worker[],
  slots: ActivitySlots,
  closing: AbortController,
  close: () => Promise<void>,
): OnwardWorker {
  const shutdown = () => {
    closing.abort();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const run = async () => {
    const runs = workers.map((worker) => worker.run());
    // If one worker fails, the others shut down too, so that the process exits and is restarted as a whole.
    for (const each of runs) each.catch(shutdown);
    const failed = (await Promise.allSettled(runs)).find((result) => result.status === 'rejected');
    await close();
    if (failed !== undefined) throw failed.reason;
  };
  return {
    run,
    shutdown,
    states: () => workers.map((worker) => worker.getState()),
    overdueActivities: () => slots.overdue(),
  };
}
