import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ApplicationFailure, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { waitUntil } from '../support/stack.ts';
import { bundle, dataConverter, sendCommand, sendQuery, startOrderEnvironment } from './environment.ts';
import type { Handle, OrderEnvironment } from './environment.ts';

let environment: OrderEnvironment;
let code: string;
beforeAll(async () => {
  [environment, code] = await Promise.all([startOrderEnvironment(), bundle('order.ts')]);
});
afterAll(() => environment?.close());

/** Whether the worker answers a query before the workflow task is a matter of chance, for each order. */
const ORDERS = 8;

it('replays after a query, an outcome and a command have met in a workflow that was not cached', async () => {
  const taskQueue = `cold-${randomUUID()}`;
  await environment.startPaymentWorker(taskQueue);
  const stop = await environment.startOrderWorker(code, taskQueue);
  const release = environment.provider.holdReplies('reserve');
  const orders = await Promise.all(Array.from({ length: ORDERS }, () => environment.startOrder(taskQueue)));
  await Promise.all(orders.map(({ handle }) => sendCommand(handle, 'approve', { by: 'ada' })));
  await waitUntil(
    () => orders.every(({ orderId }) => environment.provider.callsOf(orderId).length > 0),
    'all payments are being reserved',
  );
  await stop();

  // The queries wait for a worker. Then each order has the outcome of its reservation, and a command.
  const queries = orders.map(({ handle }) => sendQuery(handle));
  await pause(1_000);
  release();
  await waitUntil(async () => {
    const types = await Promise.all(orders.map(({ handle }) => eventTypes(handle)));
    return types.every((each) => each.has('activityTaskCompletedEventAttributes'));
  }, 'all payments are reserved');
  const commands = orders.map(({ handle }) => commentUntilRecorded(handle));
  await pause(1_000);
  await environment.startOrderWorker(code, taskQueue);
  await Promise.all([...queries, ...commands]);

  for (const { handle } of orders) {
    await handle.result();
    const history = await handle.fetchHistory();
    expect(await eventTypes(handle)).not.toContain('workflowTaskFailedEventAttributes');
    await Worker.runReplayHistory({ workflowBundle: { code }, dataConverter }, history, handle.workflowId);
  }
});

async function eventTypes(handle: Handle): Promise<Set<string>> {
  const { events } = await handle.fetchHistory();
  return new Set((events ?? []).map(({ attributes }) => String(attributes)));
}

/** Sends a comment again while the outcome before it is not recorded, as a client must. By then, the order may have ended. */
async function commentUntilRecorded(handle: Handle): Promise<void> {
  for (;;) {
    try {
      return void (await sendCommand(handle, 'comment', { text: 'hello' }));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return;
      const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
      if (!(cause instanceof ApplicationFailure) || cause.type !== 'OutcomeUnrecorded') throw error;
    }
  }
}
