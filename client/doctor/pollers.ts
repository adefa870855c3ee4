import type { Client } from '@temporalio/client';
import { findPollers } from '../pollers.ts';
import type { Polled, QueueUse } from '../pollers.ts';
import { bad, good } from './check.ts';
import type { Check, CheckName } from './check.ts';
import { look } from './server.ts';

const uses: readonly (readonly [CheckName, QueueUse])[] = [
  ['journeyPollers', 'journeys'],
  ['sendPollers', 'sends'],
  ['checkPollers', 'checks'],
];

/** Whether workers poll each of the queues. */
export function checkPollers(client: Client, taskQueue: string): Promise<readonly Check[]> {
  return Promise.all(
    uses.map(([name, use]) => look(client, name, async () => judge(name, await findPollers(client, taskQueue, use)))),
  );
}

function judge(name: CheckName, { queue, workers, silence }: Polled): Check {
  const mend = 'start a worker with this namespace: npm run worker';
  if (silence === null) return bad(name, `no worker polls '${queue}'`, mend);
  const seconds = Math.round(silence / 1_000);
  if (workers === 0) return bad(name, `the last worker polled '${queue}' ${seconds} s ago`, mend);
  return good(
    name,
    `${workers === 1 ? '1 worker polls' : `${workers} workers poll`} '${queue}', the last time ${seconds} s ago`,
  );
}
