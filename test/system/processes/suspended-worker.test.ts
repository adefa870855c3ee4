import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findPollers } from '../../../client/monitoring/pollers.ts';
import { journeyId, TASK_QUEUE } from '../../../workflows/contract.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { callsOf, quickPolicy, startStack, uniqueUserId, waitUntil } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { startWorkerProcess } from '../../support/worker-process.ts';
import type { FleetProcess } from '../fleet/process.ts';

/** temporal.api.enums.v1.PendingActivityState */
const STARTED = 2;
const JOURNEYS = 12;

let server: Awaited<ReturnType<typeof startOwnServer>>;
let stack: Stack;
const workers: FleetProcess[] = [];
beforeAll(async () => {
  server = await startOwnServer();
  stack = await startStack({ address: server.address, withoutWorker: true });
  workers.push(await startWorkerProcess(stack.sfox, server.address));
  workers.push(await startWorkerProcess(stack.sfox, server.address));
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await stack?.close();
  await server?.stop();
});

it('sends nothing when it wakes up, if Temporal has given up its tasks and their users were erased', async () => {
  const onward = stack.facade({ taskQueue: TASK_QUEUE, policy: { ...quickPolicy, callTimeout: 5_000 } });
  const suspended = workers[1] as FleetProcess;
  await waitUntil(
    async () => (await findPollers(stack.client, TASK_QUEUE, 'sends')).workers === workers.length,
    'both workers poll for sends',
  );
  suspended.signal('SIGSTOP');

  const isHeld = async (userId: string) => {
    const { raw } = await stack.client.workflow.getHandle(journeyId(userId)).describe();
    return raw.pendingActivities?.some(
      ({ state, lastWorkerIdentity }) =>
        Number(state) === STARTED && lastWorkerIdentity?.startsWith(`${suspended.pid}@`) === true,
    );
  };
  // Its polls are still open, so it is given some of the tasks. Which ones, Temporal decides.
  const users: string[] = [];
  const held = await waitUntil(async () => {
    const more = Array.from({ length: JOURNEYS }, () => uniqueUserId('held'));
    for (const userId of more) await onward.start(userId, { accountType: 'individual' });
    users.push(...more);
    const isHeldByUser = await Promise.all(users.map(isHeld));
    const found = users.filter((_, index) => isHeldByUser[index]);
    return found.length > 0 && found;
  }, 'the suspended worker holds sends');
  const erase = (userId: string) =>
    onward.erase(userId).then(
      () => true,
      () => false,
    );
  await Promise.all(held.map((userId) => waitUntil(() => erase(userId), 'the user is erased')));
  const before = held.flatMap((userId) => callsOf(stack, userId));

  suspended.signal('SIGCONT');
  await waitUntil(() => suspended.output().includes('the worker was suspended'), 'the worker notices it');
  // Every task that it had taken is in its hands within moments.
  await pause(3_000);
  expect(held.flatMap((userId) => callsOf(stack, userId))).toEqual(before);
});
