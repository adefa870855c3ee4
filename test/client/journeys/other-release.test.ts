import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Unavailable } from '../../../client/errors.ts';
import { previewCommand } from '../../../client/journeys/preview-command.ts';
import { sendUpdate } from '../../../client/journeys/idempotent-update.ts';
import { BULK_OPERATION_MEMO, BULK_OPERATION_TYPE, operationId } from '../../../workflows/bulk-operation/contract.ts';
import { createRequest } from '../../../workflows/engine/client.ts';
import { journeyId, WORKFLOW_TYPE } from '../../../workflows/contract.ts';
import { bundle, dataConverter } from '../../engine/environment.ts';
import { operator, startStack, uniqueUserId } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';

/** The replies of a gateway whose workers run another release, during a deployment or after a rollback. */

const userId = uniqueUserId('moved');
let stack: Stack;
let native: NativeConnection;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  stack = await startStack({ withoutWorker: true });
  native = await NativeConnection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
  const code = await bundle(resolve(import.meta.dirname, 'other-release-workflow.ts'));
  const { taskQueue } = stack;
  worker = await Worker.create({ connection: native, taskQueue, dataConverter, workflowBundle: { code } });
  running = worker.run();
  const args = [createRequest('start', WORKFLOW_TYPE, null)];
  await stack.client.workflow.start(WORKFLOW_TYPE, { workflowId: journeyId(userId), taskQueue, args });
});
afterAll(async () => {
  await stack?.client.workflow.getHandle(journeyId(userId)).terminate();
  worker?.shutdown();
  await running;
  await native?.close();
  await stack?.close();
});

const send = (name: 'pause' | 'retry') => {
  const caller = { ...operator, role: 'operator', idempotencyKey: randomUUID() } as const;
  return sendUpdate(stack.client, userId, name, { reason: 'a drill' }, caller, 20_000);
};

it('says that a reply was written by another release', async () => {
  await expect(send('pause')).rejects.toThrow(Unavailable);
  await expect(send('pause')).rejects.toThrow('the reply to pause of this journey was written by a release');
});

it('names a refusal whose reason it does not know', async () => {
  await expect(send('retry')).rejects.toThrow(Unavailable);
  await expect(send('retry')).rejects.toThrow('for a reason that this release does not know: the office is closed');
});

it('counts a preview that it cannot read as unanswered', async () => {
  expect(await previewCommand(stack.client, userId, { command: 'pause' })).toMatchObject({ outcome: 'unanswered' });
});

it('says that a bulk operation cannot be read', async () => {
  const id = randomUUID();
  const shown = { order: { id }, progress: 'halfway', processedUsers: [] };
  const handle = await stack.client.workflow.start(BULK_OPERATION_TYPE, {
    workflowId: operationId(id),
    taskQueue: `unpolled-${id}`,
    args: [createRequest('start', BULK_OPERATION_TYPE, null)],
    memo: { [BULK_OPERATION_MEMO]: createRequest('memo', BULK_OPERATION_MEMO, shown) },
  });
  try {
    await expect(stack.onward.operations.get(id)).rejects.toThrow('or a newer release has written it');
  } finally {
    await handle.terminate();
  }
});
