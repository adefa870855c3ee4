import type { Client } from '@temporalio/client';
import { findPollers } from '../monitoring/pollers.ts';
import type { QueuePollers, QueueUse } from '../monitoring/pollers.ts';
import { failed, passed } from './check.ts';
import type { Check, CheckName } from './check.ts';
import { runCheck } from './server-checks.ts';

/** The check of each use of a task queue. */
export const queuePurposes: readonly (readonly [CheckName, QueueUse])[] = [
  ['journeyPollers', 'journeys'],
  ['sendPollers', 'sends'],
  ['checkPollers', 'checks'],
];

/** Checks whether workers poll each task queue. */
export function checkPollers(client: Client, taskQueue: string): Promise<readonly Check[]> {
  return Promise.all(
    queuePurposes.map(([name, use]) =>
      runCheck(client, name, async () => evaluatePollers(name, await findPollers(client, taskQueue, use))),
    ),
  );
}

/** Evaluates whether workers poll a task queue. */
export function evaluatePollers(name: CheckName, { queue, workers, silence }: QueuePollers): Check {
  const fix = 'start a worker with this namespace: npm run worker';
  if (silence === null) return failed(name, `no worker polls '${queue}'`, fix);
  const seconds = Math.round(silence / 1_000);
  if (workers === 0) return failed(name, `the last worker polled '${queue}' ${seconds} s ago`, fix);
  return passed(
    name,
    `${workers === 1 ? '1 worker polls' : `${workers} workers poll`} '${queue}', the last time ${seconds} s ago`,
  );
}
