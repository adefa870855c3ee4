import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, it } from '@jest/globals';
import { engineActivities, parseText, parseUnknown } from '../../workflows/engine/activity.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { quiet, waitUntil } from '../support/stack.ts';
import { bundle, dataConverter } from './environment.ts';

it('repeats its last activity after a failure and after a forged result, and ends once it has succeeded', async () => {
  quiet();
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const [code, connection, native] = await Promise.all([
    bundle('closing.ts'),
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const client = new Client({ connection, dataConverter });
  const workflowId = `closing-${randomUUID()}`;
  const taskQueue = `closings-${randomUUID()}`;
  const calls: string[] = [];
  let isForged = false;
  const activities = engineActivities(
    {
      farewell: async (id: string) => {
        calls.push(id);
        if (calls.length === 1) throw ApplicationFailure.nonRetryable('refused', 'OrderRefused');
        if (calls.length === 2) await waitUntil(() => isForged, 'the forged answer arrives');
        return null;
      },
      requestCancellation: async () => {
        const { workflowId: own = '', runId } = Context.current().info.workflowExecution ?? {};
        await client.workflow.getHandle(own, runId).cancel();
      },
    },
    { farewell: parseText, requestCancellation: parseUnknown },
    () => Context.current().info,
  );
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    dataConverter,
    workflowBundle: { code },
    activities,
  });
  await worker.runUntil(async () => {
    const args = [createRequest('start', 'closing', workflowId)];
    const handle = await client.workflow.start('closing', { workflowId, taskQueue, args });
    await waitUntil(() => calls.length === 2, 'it is called again');
    // A caller that can write to Temporal can complete an activity, but not with a result that decrypts.
    const { raw } = await handle.describe();
    await client.workflowService.respondActivityTaskCompletedById({
      namespace: 'default',
      workflowId,
      activityId: raw.pendingActivities?.[0]?.activityId ?? '',
      result: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('null') }] },
    });
    isForged = true;
    await waitUntil(async () => (await handle.describe()).status.name === 'CANCELLED', 'it has ended');
    expect(calls).toEqual([workflowId, workflowId, workflowId]);
  });
  await Promise.all([connection.close(), native.close()]);
});
