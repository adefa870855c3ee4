import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import { operationHeadline } from '../../client/presentation/operation-text.ts';
import { startDelivery } from '../../client/webhooks/webhooks.ts';
import { startStackOnOwnServer } from '../support/own-server.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestReceiver } from '../support/receiver.ts';
import { operator, uniqueUserId, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { giveUp, givenUp, inventStatus, receiverSecret, sendsTo } from '../support/undelivered.ts';

let receiver: TestReceiver;
let stack: Stack;
let operations: BulkOperations;
beforeAll(async () => {
  receiver = await startReceiver();
  stack = await startStackOnOwnServer({ worker: { receiver: { url: receiver.url, secret: receiverSecret } } });
  // So small that the operation spans several pages, batches and executions.
  operations = new BulkOperations({ ...stack, sizes: { page: 10, pages: 2, batches: 2 } });
});
afterEach(() => receiver?.answer(204));
afterAll(async () => {
  await stack?.close();
  await receiver?.close();
});

const reason = 'the receiver is back';
const givenUpWebhooks = { filter: { state: 'givenUp' }, reason } as const;

const ended = (id: string, state = 'done') =>
  waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === state && operation;
  }, `the operation is ${state}`);

/** Delivers what a test leaves undelivered, so that the next one begins with none. */
async function deliverAll(users: readonly string[]): Promise<void> {
  receiver.answer(204);
  await ended((await operations.resendWebhooks({ ...givenUpWebhooks, perSecond: 50 }, operator)).id);
  await waitUntil(async () => (await givenUp(stack.onward, users)).length === 0, 'all of them are delivered');
}

it('delivers every webhook that was given up, once', async () => {
  const users = await giveUp(stack, receiver, 32);
  receiver.answer(204);
  const keyed = { ...operator, idempotencyKey: 'the receiver is back' };
  const request = { ...givenUpWebhooks, perSecond: 20 };
  const { id } = await operations.resendWebhooks(request, keyed);
  expect(await operations.resendWebhooks(request, keyed)).toEqual({ id });
  await expect(operations.resendWebhooks({ ...request, perSecond: 1 }, keyed)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
  const done = await ended(id);
  expect(done).toMatchObject({
    command: 'resendWebhooks',
    webhooks: { state: 'givenUp' },
    total: 32,
    done: 32,
    results: { applied: 32, refused: 0, unanswered: 0 },
  });
  expect(operationHeadline(done)).toBe('Done');
  expect(done.items.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
  expect(done.items[0]).toMatchObject({ outcome: 'applied', webhook: { id: expect.any(String), revision: 1 } });
  // The attempt that was given up, and that of the operation.
  expect(users.map((userId) => sendsTo(receiver, userId))).toEqual(users.map(() => 2));
  await waitUntil(async () => (await givenUp(stack.onward, users)).length === 0, 'none of them is listed any more');
  await expect(operations.resendWebhooks(request, operator)).rejects.toMatchObject({ field: 'filter' });
});

it('is not called done while the receiver accepts none of them', async () => {
  const users = await giveUp(stack, receiver, 3);
  receiver.answer(503);
  const done = await ended((await operations.resendWebhooks({ ...givenUpWebhooks, perSecond: 50 }, operator)).id);
  expect(operationHeadline(done)).toBe('Nothing applied, 3 refused');
  expect(done.items).toEqual(
    done.items.map((item) => ({ ...item, outcome: 'undelivered', why: 'the receiver answered 503' })),
  );
  receiver.answer(204);
  const { id } = await operations.resendWebhooks({ filter: { state: 'retrying' }, perSecond: 50, reason }, operator);
  expect(await ended(id)).toMatchObject({ results: { applied: 3 } });
  expect(users.map((userId) => sendsTo(receiver, userId))).toEqual(users.map(() => 3));
});

it('resends the webhooks of one user only, and is erased with that user', async () => {
  const [ada = '', bo = ''] = await giveUp(stack, receiver, 2);
  receiver.answer(204);
  const { id } = await operations.resendWebhooks({ filter: { userId: ada }, reason }, operator);
  expect(await ended(id)).toMatchObject({ total: 1, results: { applied: 1 }, items: [{ userId: ada }] });
  expect(await givenUp(stack.onward, [bo])).toEqual([bo]);
  await stack.onward.start(ada, { accountType: 'individual' });
  await stack.onward.erase(ada);
  await expect(operations.get(id)).rejects.toMatchObject({ code: 'not_found' });
  await deliverAll([bo]);
});

it('sends no webhook after it was stopped', async () => {
  const users = await giveUp(stack, receiver, 30);
  receiver.answer(204);
  const { id } = await operations.resendWebhooks({ ...givenUpWebhooks, perSecond: 0.2 }, operator);
  await waitUntil(async () => (await operations.get(id)).done > 0, 'some of them are delivered');
  await operations.stop(id, { reason: 'enough' }, operator);
  const stopped = await ended(id, 'stopped');
  expect(stopped.done).toBeLessThan(30);
  expect(stopped).toMatchObject({ results: { applied: stopped.done }, stopped: { reason: 'enough' } });
  const sent = users.filter((userId) => sendsTo(receiver, userId) > 1);
  expect(sent).toHaveLength(stopped.done);
  const left = users.filter((userId) => !sent.includes(userId));
  expect((await givenUp(stack.onward, left)).toSorted()).toEqual(left.toSorted());
  await deliverAll(users);
});

it('continues on another worker, and sends no webhook twice', async () => {
  const users = await giveUp(stack, receiver, 30);
  receiver.answer(204);
  const { id } = await operations.resendWebhooks({ ...givenUpWebhooks, perSecond: 3 }, operator);
  await waitUntil(() => users.some((userId) => sendsTo(receiver, userId) > 1), 'the first of them is delivered');
  await stack.stopWorkers();
  await stack.startWorker();
  expect(await ended(id)).toMatchObject({ done: 30, results: { applied: 30 } });
  expect(users.map((userId) => sendsTo(receiver, userId))).toEqual(users.map(() => 2));
});

it('waits for a second operator above the number of the policy', async () => {
  const users = await giveUp(stack, receiver, 3);
  receiver.answer(204);
  const careful = new BulkOperations({ ...stack, approvals: { above: 2, within: 3_600_000 } });
  const { id } = await careful.resendWebhooks(givenUpWebhooks, operator);
  const asked = await careful.get(id);
  expect(asked).toMatchObject({ state: 'awaitingApproval', expected: 3, approval: { above: 2 } });
  const decision = { digest: asked.digest, reason: 'checked' };
  await expect(careful.decide('approved', id, decision, operator)).rejects.toMatchObject({
    code: 'forbidden',
  });
  // One that was given up after the request is not part of it.
  const [late = ''] = await giveUp(stack, receiver, 1);
  receiver.answer(204);
  await careful.decide('approved', id, decision, { ...operator, name: 'day' });
  expect(await ended(id)).toMatchObject({ total: 3, results: { applied: 3 } });
  expect(users.map((userId) => sendsTo(receiver, userId))).toEqual(users.map(() => 2));
  expect(await givenUp(stack.onward, [late])).toEqual([late]);
  await deliverAll([late]);
});

it('does not send what was delivered between its start and its turn', async () => {
  const userId = uniqueUserId('between');
  receiver.answer(503);
  await startDelivery(stack.client, inventStatus(userId), { taskQueue: stack.taskQueue, schedule: [0, 3_600_000] });
  const { id: webhook } = await waitUntil(async () => {
    const { items } = await stack.onward.webhooks.list(200);
    return items.find((item) => item.userId === userId && item.attempts === 1);
  }, 'it is retried');
  receiver.answer(204);
  const careful = new BulkOperations({ ...stack, approvals: { above: 0, within: 3_600_000 } });
  const { id } = await careful.resendWebhooks({ filter: { userId }, reason }, operator);
  await stack.onward.webhooks.resend(webhook, operator);
  await waitUntil(() => sendsTo(receiver, userId) === 2, 'it is delivered');
  const { digest } = await careful.get(id);
  await careful.decide('approved', id, { digest, reason }, { ...operator, name: 'day' });
  const done = await ended(id);
  expect(done.results.applied).toBe(0);
  expect(sendsTo(receiver, userId)).toBe(2);
});
