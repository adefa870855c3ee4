import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { TASK_QUEUE } from '../../../workflows/contract.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { TestReceiver } from '../../support/receiver.ts';
import { operator, startStack, waitUntil } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { giveUp, receiverSecret, sendsTo } from '../../support/undelivered.ts';
import { startWorkerProcess } from '../../support/worker-process.ts';
import type { FleetProcess } from '../fleet/process.ts';

let server: TemporalServer;
let stack: Stack;
let receiver: TestReceiver;
let worker: FleetProcess | undefined;
beforeAll(async () => {
  server = await startOwnServer();
  receiver = await startReceiver();
  // The worker process polls the production task queue.
  stack = await startStack({ address: server.address, withoutWorker: true, taskQueue: TASK_QUEUE });
});
afterEach(() => worker?.kill());
afterAll(async () => {
  await stack?.close();
  await receiver?.close();
  await server?.stop();
});

const startWorker = async () => {
  const settings = { ONWARD_STATUS_URL: receiver.url, ONWARD_STATUS_SECRET: receiverSecret };
  worker = await startWorkerProcess(stack.sfox, server.address, settings);
};

it('delivers every webhook although the worker is killed half way', async () => {
  const { operations, webhooks } = stack.onward;
  await startWorker();
  const users = await giveUp(stack, receiver, 30);
  receiver.answer(204);
  const request = { filter: { state: 'givenUp' }, perSecond: 5, reason: 'the receiver is back' } as const;
  const { id } = await operations.resendWebhooks(request, operator);
  const delivered = () => users.filter((userId) => sendsTo(receiver, userId) > 1);
  await waitUntil(() => delivered().length > 4, 'some of them are delivered');
  await worker?.kill();
  await startWorker();
  const done = await waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === 'done' && operation;
  }, 'the operation is done');
  expect(done.items.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
  // An attempt in flight when the worker was killed counts as failed; its delivery is retried by itself.
  await waitUntil(async () => (await webhooks.list(200)).items.length === 0, 'nothing is undelivered any more');
  expect(delivered()).toHaveLength(30);
});
