import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { defaultSettings } from '../config/policy-file.ts';
import type { ReconcileSettings } from '../config/policy-file.ts';
import { serverMessage } from '../temporal/grpc-codes.ts';
import { failed, checkNames, skipped } from './check.ts';
import type { Check } from './check.ts';
import { checkJourneys } from './journey-checks.ts';
import { checkPollers } from './poller-checks.ts';
import { checkProviderReplies } from './provider-checks.ts';
import { checkReconciliation } from './reconciliation-checks.ts';
import { checkRecovery } from './recovery-checks.ts';
import { checkWebhooks } from './webhook-checks.ts';
import { clockCheck, keysCheck, providerCheck, workerCheck } from './worker-checks.ts';
import { checkAttributes, checkNamespace, checkRetention, checkTemporal } from './server-checks.ts';
import { runWorkerProbe } from './worker-probe.ts';
import type { ProbeResult } from './worker-probe.ts';

export { checkNames, type Check, type CheckName } from './check.ts';
export { checkGateway, checkThroughGateway } from './gateway-checks.ts';
export { checkSignUps } from './signup-checks.ts';

export interface DoctorOptions {
  readonly taskQueue?: string;
  /** How long to wait for a worker, in milliseconds. */
  readonly wait?: number;
  /** The policy's settings of reconciliations. Default: off. */
  readonly reconcile?: ReconcileSettings;
}

/** Includes the worker's retries of its request to the provider. */
const EXAMINATION_TIMEOUT_MS = 20_000;

/**
 * Checks everything that journeys need and reports what is wrong and how to fix it. Yields the findings of every check in the order
 * of `checkNames`, as soon as it is done; only a paused recovery comes first. No check throws, changes a journey or sends a
 * code.
 *
 * @param client a client created by `connectLater`, so that a missing server is reported as a check
 */
export async function* runChecks(
  client: Client,
  { taskQueue = TASK_QUEUE, wait = EXAMINATION_TIMEOUT_MS, reconcile = defaultSettings.reconcile }: DoctorOptions = {},
): AsyncGenerator<Check, void> {
  const temporal = await checkTemporal(client);
  if (temporal.ok !== true) {
    yield temporal;
    return yield* skipFrom('namespace', 'Temporal cannot be reached');
  }
  const namespace = await checkNamespace(client);
  if (namespace.ok !== true) {
    yield* [temporal, namespace];
    return yield* skipFrom('searchAttributes', 'the namespace does not exist');
  }
  const recovery = await checkRecovery(client);
  if (recovery.isPaused) yield recovery.check;
  yield* [temporal, namespace];
  yield await checkAttributes(client);
  yield await checkRetention(client);
  yield* await checkJourneys(client, taskQueue);
  if (!recovery.isPaused) yield recovery.check;
  yield await checkReconciliation(client, taskQueue, reconcile);
  yield await checkWebhooks(client);
  yield* await checkPollers(client, taskQueue);
  const visited = await probeWorker(client, taskQueue, wait);
  if ('ok' in visited) {
    yield visited;
    return yield* skipFrom('encryptionKeys', 'the worker probe could not be started');
  }
  yield workerCheck(visited.outcome, wait);
  const keys = keysCheck(visited.outcome);
  yield keys;
  yield providerCheck(visited.outcome);
  yield keys.ok === true
    ? await checkProviderReplies(client, taskQueue)
    : skipped('providerReplies', 'no worker has sent a readable reply');
  yield clockCheck(visited.clock, visited.outcome);
}

async function probeWorker(client: Client, taskQueue: string, wait: number): Promise<ProbeResult | Check> {
  try {
    return await runWorkerProbe(client, taskQueue, wait);
  } catch (error) {
    const fix = 'give this caller the right to start workflows: see TEMPORAL_API_KEY';
    return failed('worker', `Temporal says: ${serverMessage(error)}`, fix);
  }
}

function* skipFrom(first: (typeof checkNames)[number], why: string): Generator<Check> {
  for (const name of checkNames.slice(checkNames.indexOf(first))) yield skipped(name, why);
}
