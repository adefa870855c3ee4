import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openEnd, openRefusal } from '../../workflows/engine/client.ts';
import { sendQuery, bundle, sendCommand, startOrderEnvironment, waitForState } from './environment.ts';
import type { Handle, OrderQueryResult, OrderEnvironment } from './environment.ts';

/** A machine independent of onboarding, on a real server: a deadline, a compensation and parallel states. */

let environment: OrderEnvironment;
let code: string;
beforeAll(async () => {
  [environment, code] = await Promise.all([startOrderEnvironment(), bundle('order.ts')]);
});
afterAll(() => environment?.close());

const resultOf = async (handle: Handle) => {
  const result = await handle.result();
  const { runId } = await handle.describe();
  return openEnd(result, 'order', runId) as { readonly value: unknown; readonly log: readonly string[] };
};

describe.each([
  ['cached', {}],
  ['replayed from its history for every task', { maxCachedWorkflows: 0 }],
] as const)('an order, %s,', (_, options) => {
  const taskQueue = `orders-${randomUUID()}`;
  beforeAll(async () => void (await environment.startWorker(code, taskQueue, options)));

  it('reserves the payment while it is approved, and is charged', async () => {
    const { orderId, handle } = await environment.startOrder(taskQueue);
    await waitForState(handle, '"payment":"reserved"');
    const { result } = await sendCommand(handle, 'approve', { by: 'ada' });
    expect(result).toEqual({ reply: 'payment.charged', value: 'completed' });
    expect((await resultOf(handle)).value).toBe('completed');
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'charge']);
  });

  it('is approved before the payment is reserved, and continues once it is', async () => {
    const release = environment.provider.holdReplies('reserve');
    const { handle } = await environment.startOrder(taskQueue);
    const { result } = await sendCommand(handle, 'approve', { by: 'ada' });
    expect(result).toMatchObject({ value: { open: { approval: 'approved', payment: 'reserving' } } });
    release();
    expect((await resultOf(handle)).value).toBe('completed');
  });

  it('releases the reservation when it is rejected', async () => {
    const { orderId, handle } = await environment.startOrder(taskQueue);
    await waitForState(handle, '"payment":"reserved"');
    expect((await sendCommand(handle, 'reject', { by: 'bo' })).result).toBe('payment.released');
    expect((await resultOf(handle)).value).toBe('rejected');
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'release']);
  });

  it('expires at its time limit, compensates, and fails the execution with its result', async () => {
    const { orderId, handle } = await environment.startOrder(taskQueue, { approveWithin: 1_000 });
    const failure = await handle.result().then(
      () => undefined,
      (error: { cause?: { type?: string; details?: unknown[] } }) => error.cause,
    );
    expect(failure?.type).toBe('OrderExpired');
    const { runId } = await handle.describe();
    expect(openEnd(failure?.details?.[0], 'order', runId)).toMatchObject({ value: 'expired' });
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'release']);
  });

  it('cancels a reservation in flight when it expires', async () => {
    const release = environment.provider.holdReplies('reserve');
    const { orderId, handle } = await environment.startOrder(taskQueue, { approveWithin: 500 });
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    release();
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve']);
  });

  it('handles a cancellation by Temporal as an event', async () => {
    const { orderId, handle } = await environment.startOrder(taskQueue);
    await waitForState(handle, '"payment":"reserved"');
    await handle.cancel();
    expect((await resultOf(handle)).value).toBe('rejected');
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'release']);
  });

  it('executes a command once per idempotency key, and returns the same result for a repeat', async () => {
    const { handle } = await environment.startOrder(taskQueue);
    const first = await sendCommand(handle, 'comment', { text: 'hello' }, 'key-1');
    const again = await sendCommand(handle, 'comment', { text: 'hello' }, 'key-1');
    expect([again.result, again.requestId]).toEqual([first.result, first.requestId]);
    expect((await sendQuery<OrderQueryResult>(handle)).comments).toEqual(['hello']);
    await sendCommand(handle, 'reject', { by: 'bo' });
  });

  it('refuses an event that the machine does not accept before anything is written to the history', async () => {
    const release = environment.provider.holdReplies('reserve');
    const { handle } = await environment.startOrder(taskQueue);
    await waitForState(handle, '"approval":"awaiting"');
    await sendCommand(handle, 'approve', { by: 'ada' });
    const updates = async () =>
      (await handle.fetchHistory()).events?.filter(
        (event) => event.workflowExecutionUpdateAcceptedEventAttributes != null,
      ).length;
    const before = await updates();
    const refused = await sendCommand(handle, 'approve', { by: 'bo' }).catch(
      (error: { cause: { details: unknown[] } }) => error.cause,
    );
    expect(openRefusal((refused as { details: unknown[] }).details, 'approve')).toMatchObject({
      type: 'NotAllowed',
      message: `'approve' is not allowed in {"open":{"payment":"reserving","approval":"approved"}}`,
      details: ['payment.reserved', 'payment.*', 'comment'],
    });
    expect(await updates()).toBe(before);
    release();
    await handle.result();
  });
});

it('sets search attributes from `meta`, and answers the queries of every machine', async () => {
  const taskQueue = `orders-${randomUUID()}`;
  await environment.startWorker(code, taskQueue);
  const { handle } = await environment.startOrder(taskQueue);
  await waitForState(handle, '"payment":"reserved"');
  const { searchAttributes } = await handle.describe();
  expect(searchAttributes['OnboardingState']).toEqual(['open']);
  expect(await sendQuery(handle, 'allowedEvents')).toEqual(['approve', 'reject', 'comment']);
  expect(await sendQuery(handle, 'state')).toMatchObject({ status: 'active', tags: [], revision: 2 });
  await sendCommand(handle, 'reject', { by: 'bo' });
});
