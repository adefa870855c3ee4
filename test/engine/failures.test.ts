import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { openEnd } from '../../workflows/engine/client.ts';
import { shortHistories } from '../support/short-histories.ts';
import { waitUntil, keys } from '../support/stack.ts';
import { sendQuery, bundle, dataConverter, sendCommand, startOrderEnvironment, waitForState } from './environment.ts';
import type { Handle, OrderQueryResult, OrderEnvironment } from './environment.ts';

/** Known problems of XState in a durable engine, on a real server that suggests continue-as-new after 60 events. */

let environment: OrderEnvironment;
let code: string;
let olderCode: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-'));
  [environment, code, olderCode] = await Promise.all([
    shortHistories(folder).then(startOrderEnvironment),
    bundle('order.ts'),
    bundle('order-v1.ts'),
  ]);
});
afterAll(() => environment?.close());

const createTaskQueue = () => `orders-${randomUUID()}`;

const readRunId = async (handle: Handle) =>
  (await environment.client.workflow.getHandle(handle.workflowId).describe()).runId;

/** Sends comments until the workflow has continued as new. */
async function continueAsNew({ workflowId }: Handle): Promise<Handle> {
  const handle = environment.client.workflow.getHandle(workflowId) as Handle;
  const first = await readRunId(handle);
  for (let nth = 0; (await readRunId(handle)) === first; nth += 1)
    await sendCommand(handle, 'comment', { text: `number ${nth}` });
  return handle;
}

describe('a workflow that has continued as new', () => {
  it('keeps its delayed transitions, which become due at the same time as in the previous run', async () => {
    const taskQueue = createTaskQueue();
    await environment.startWorker(code, taskQueue);
    const { handle, orderId } = await environment.startOrder(taskQueue, { approveWithin: 8_000 });
    const { timers } = await waitForState(handle, '"payment":"reserved"');
    const next = await continueAsNew(handle);
    const after = await sendQuery<OrderQueryResult>(next);
    expect(after.timers).toEqual(timers);
    expect(after.timers).toHaveLength(1);
    await expect(next.result()).rejects.toThrow('Workflow execution failed');
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'release']);
  });

  it('returns the stored result for an idempotency key of the previous run, and keeps its log', async () => {
    const taskQueue = createTaskQueue();
    await environment.startWorker(code, taskQueue, { maxCachedWorkflows: 0 });
    const { handle } = await environment.startOrder(taskQueue);
    const first = await sendCommand(handle, 'comment', { text: 'hello' }, 'key-1');
    const next = await continueAsNew(handle);
    const again = await sendCommand(next, 'comment', { text: 'hello' }, 'key-1');
    expect([again.result, again.requestId]).toEqual([first.result, first.requestId]);
    const { comments, log } = await sendQuery<OrderQueryResult>(next);
    expect(comments.filter((text) => text === 'hello')).toHaveLength(1);
    expect(log[0]).toContain('started');
    await sendCommand(next, 'reject', { by: 'bo' });
  });
});

describe('ids', () => {
  it('are the same on every replay, so that activity results match their requests', async () => {
    const taskQueue = createTaskQueue();
    await environment.startWorker(code, taskQueue, { maxCachedWorkflows: 0 });
    const { handle } = await environment.startOrder(taskQueue);
    await waitForState(handle, '"payment":"reserved"');
    await sendCommand(handle, 'approve', { by: 'ada' });
    const { runId } = await handle.describe();
    expect(openEnd(await handle.result(), 'order', runId)).toMatchObject({ value: 'completed' });
    const history = await handle.fetchHistory();
    await expect(
      Worker.runReplayHistory({ workflowBundle: { code }, dataConverter }, history, handle.workflowId),
    ).resolves.toBeUndefined();
  });
});

describe('a command that waits while an effect is in flight', () => {
  it('delays neither the effect nor other commands, and is handled after them', async () => {
    const taskQueue = createTaskQueue();
    await environment.startWorker(code, taskQueue);
    const { handle } = await environment.startOrder(taskQueue);
    await waitForState(handle, '"payment":"reserved"');
    const release = environment.provider.holdReplies('charge');
    try {
      const approved = sendCommand(handle, 'approve', { by: 'ada' });
      await waitForState(handle, 'charging');
      expect((await sendQuery<OrderQueryResult>(handle)).approveMustWait).toBe(true);
      const laterReject = sendCommand(handle, 'reject', { by: 'bo' }).then(
        () => 'accepted',
        () => 'refused',
      );
      await sendCommand(handle, 'comment', { text: 'meanwhile' });
      release();
      expect((await approved).result).toMatchObject({ reply: 'payment.charged' });
      expect(await laterReject).toBe('refused');
    } finally {
      release();
    }
  });
});

describe('a worker that is killed', () => {
  it('during a request is replaced, and the machine continues from the same state', async () => {
    const taskQueue = createTaskQueue();
    const bundlePath = join(folder, 'order.js');
    await writeFile(bundlePath, code);
    const [{ key }] = keys;
    const options = {
      address: environment.address,
      taskQueue,
      bundlePath,
      providerUrl: environment.provider.url,
      key: Buffer.from(key).toString('base64'),
    };
    const child = spawn(process.execPath, ['test/engine/order-worker.js', JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const release = environment.provider.holdReplies('reserve');
    const { handle, orderId } = await environment.startOrder(taskQueue);
    await waitUntil(() => environment.provider.callsOf(orderId).length === 1, 'the request is in flight');
    child.kill('SIGKILL');
    await once(child, 'exit');
    release();
    await environment.startWorker(code, taskQueue);
    await waitForState(handle, '"payment":"reserved"');
    expect((await sendCommand(handle, 'approve', { by: 'ada' })).result).toMatchObject({ value: 'completed' });
    // Temporal retried the activity, which is safe because the provider's calls are idempotent.
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'reserve', 'charge']);
  });
});

describe('a machine that has changed', () => {
  it('restores a snapshot of an older version with its delay, and performs the effects of the new version', async () => {
    const taskQueue = createTaskQueue();
    const stopOlder = await environment.startWorker(olderCode, taskQueue);
    const { handle, orderId } = await environment.startOrder(taskQueue);
    const { timers } = await waitForState(handle, '"waiting"');
    const first = await readRunId(handle);
    await waitUntil(
      () => environment.provider.callsOf(orderId).length === 1,
      'the older version has reserved the payment',
    );
    const next = environment.client.workflow.getHandle(handle.workflowId) as Handle;
    // The older version continues as new into the newer one.
    const touching = (async () => {
      for (let nth = 0; nth < 40 && (await readRunId(handle)) === first; nth += 1)
        await sendCommand(next, 'touch', `number ${nth}`).catch(() => {});
    })();
    await touching;
    await stopOlder();
    await environment.startWorker(code, taskQueue, { maxCachedWorkflows: 0 });
    const migrated = await waitForState(next, '"awaiting"');
    expect(migrated.timers.map(({ dueAt }) => dueAt)).toEqual(timers.map(({ dueAt }) => dueAt));
    expect(migrated.comments).toEqual([]);
    expect((await sendCommand(next, 'approve', { by: 'ada' })).result).toMatchObject({ value: 'completed' });
    expect(environment.provider.callsOf(orderId)).toEqual(['reserve', 'charge']);
  });
});
