import type { NativeConnection } from '@temporalio/worker';
import type { OnwardWorker } from '../create-worker.ts';
import type { HealthSource } from './health-server.ts';

/** Shorter than the timeout of a readiness probe. */
const READINESS_TIMEOUT_MS = 2_000;

/** Creates the health source of a worker process. */
export function createHealthSource(
  worker: Pick<OnwardWorker, 'states' | 'overdueActivities'>,
  connection: NativeConnection,
  metrics: HealthSource['metrics'],
): HealthSource {
  const canReachTemporal = () =>
    connection
      .withDeadline(Date.now() + READINESS_TIMEOUT_MS, () => connection.workflowService.getSystemInfo({}))
      .then(() => true)
      .catch(() => false);
  return {
    alive: () => !worker.states().includes('FAILED'),
    readinessProblems: async () => [
      ...(worker.states().every((state) => state === 'RUNNING') ? [] : ['not every worker is polling']),
      ...overdue(worker.overdueActivities()),
      ...((await canReachTemporal()) ? [] : ['Temporal does not respond']),
    ],
    metrics,
  };
}

const overdue = (count: number) =>
  count === 0 ? [] : [`activities that have not returned by their timeout: ${count}; restart this worker`];
