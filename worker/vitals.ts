import type { NativeConnection } from '@temporalio/worker';
import type { OnwardWorker } from './create-worker.ts';
import type { Vitals } from './health.ts';

/** Who asks whether a process works does not wait for long. */
const LONGEST_ANSWER = 2_000;

/** What can be told of a worker's process. */
export function vitalsOf(
  worker: Pick<OnwardWorker, 'states'>,
  connection: NativeConnection,
  metrics: Vitals['metrics'],
): Vitals {
  const reached = () =>
    connection
      .withDeadline(Date.now() + LONGEST_ANSWER, () => connection.workflowService.getSystemInfo({}))
      .then(() => true)
      .catch(() => false);
  return {
    alive: () => !worker.states().includes('FAILED'),
    obstacles: async () => [
      ...(worker.states().every((state) => state === 'RUNNING') ? [] : ['not every worker polls']),
      ...((await reached()) ? [] : ['Temporal does not answer']),
    ],
    metrics,
  };
}
