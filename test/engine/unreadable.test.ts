import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { engineActivities, parseText, parseUnknown } from '../../workflows/engine/activity.ts';
import { createCommand, createRequest, openEnd } from '../../workflows/engine/client.ts';
import { quiet, waitUntil } from '../support/stack.ts';
import { bundle, dataConverter, sendCommand } from './environment.ts';
import type { Handle } from './environment.ts';
import { paymentQueue } from './order-contract.ts';

/** The consequences for a workflow that reads a payload of another release with another shape. */

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
let connection: Connection;
let native: NativeConnection;
let client: Client;
beforeAll(async () => {
  quiet();
  [connection, native] = await Promise.all([Connection.connect({ address }), NativeConnection.connect({ address })]);
  client = new Client({ connection, dataConverter });
});
afterAll(async () => {
  await native?.close();
  await connection?.close();
});

let returned: unknown;
const calls: string[] = [];
const counted = {
  count: async () => {
    calls.push(Context.current().info.workflowExecution?.workflowId ?? '');
    return returned;
  },
  reserve: async () => returned,
};
const requests = { count: parseUnknown, reserve: parseUnknown };

async function withWorkers<T>(file: string, taskQueue: string, act: () => Promise<T>, parsers = requests): Promise<T> {
  const workflowBundle = { code: await bundle(file) };
  const activities = engineActivities(counted, parsers, () => Context.current().info);
  const common = { connection: native, dataConverter, activities };
  const [workflows, payments] = await Promise.all([
    Worker.create({ ...common, taskQueue, workflowBundle }),
    Worker.create({ ...common, taskQueue: paymentQueue(taskQueue) }),
  ]);
  return payments.runUntil(workflows.runUntil(act));
}

async function start(type: string, taskQueue: string, body: unknown) {
  const workflowId = `${type}-${randomUUID()}`;
  return client.workflow.start(type, { workflowId, taskQueue, args: [createRequest('start', type, body)] });
}

const failureOf = (handle: Handle) =>
  handle.result().then(
    () => undefined,
    (error: unknown) => (error instanceof WorkflowFailedError ? error.cause : error),
  );

async function endOf(type: string, handle: Handle) {
  const payload = await handle.result();
  return openEnd(payload, type, (await client.workflow.getHandle(handle.workflowId).describe()).runId);
}

describe('a workflow without a machine', () => {
  const taskQueue = `unreadable-${randomUUID()}`;
  const run = (body: unknown, act: (handle: Handle) => Promise<void>) =>
    withWorkers('unreadable-workflows.ts', taskQueue, async () => act(await start('counter', taskQueue, body)));

  it('fails by name if it cannot read its start', () =>
    run({ first: 1 }, async (handle) => {
      const failure = await failureOf(handle);
      expect(failure).toMatchObject({ type: 'InputUnreadable', nonRetryable: true });
      expect(failure).toHaveProperty('message', expect.stringContaining('`start.first` must be a string'));
    }));

  it('fails by name if it cannot read what the run before has handed on', () =>
    run({ first: 'older' }, async (handle) => {
      const failure = await failureOf(handle);
      expect(failure).toMatchObject({ type: 'InputUnreadable' });
      expect(failure).toHaveProperty('message', expect.stringContaining('`state.count` must be a number'));
    }));

  it('drops a signal that it cannot read, and continues', () =>
    run({ first: 'signals' }, async (handle) => {
      await handle.signal('add', createRequest('signal', 'add', 'two'));
      await handle.signal('add', createRequest('signal', 'add', 2));
      expect(await endOf('counter', handle)).toBe(2);
    }));

  it('repeats an activity whose result it cannot read, three times', () =>
    run({ first: 'activity' }, async (handle) => {
      returned = 'many';
      expect(await failureOf(handle)).toMatchObject({ type: 'ActivityFailed' });
      expect(calls.filter((workflowId) => workflowId === handle.workflowId)).toHaveLength(3);
    }));
});

it('retries an activity whose request a worker cannot read, until a worker that can carries it out once', async () => {
  const taskQueue = `unreadable-${randomUUID()}`;
  returned = 7;
  const started = await withWorkers(
    'unreadable-workflows.ts',
    taskQueue,
    async () => {
      const handle = await start('counter', taskQueue, { first: 'activity' });
      const pending = await waitUntil(async () => {
        const [activity] = (await handle.describe()).raw.pendingActivities ?? [];
        return (activity?.attempt ?? 0) > 1 && activity;
      }, 'it is tried again');
      expect(pending.lastFailure?.applicationFailureInfo).toMatchObject({
        type: 'RequestUnreadable',
        nonRetryable: false,
      });
      return handle;
    },
    { ...requests, count: parseText },
  );
  expect(calls).not.toContain(started.workflowId);
  await withWorkers('unreadable-workflows.ts', taskQueue, async () => {
    const handle = client.workflow.getHandle(started.workflowId) as Handle;
    expect(await endOf('counter', handle)).toBe(7);
    expect(calls.filter((workflowId) => workflowId === handle.workflowId)).toHaveLength(1);
  });
});

describe('a machine', () => {
  it('drops a signal that it cannot read, refuses such a command as `BadRequest`, and continues', async () => {
    const taskQueue = `unreadable-${randomUUID()}`;
    await withWorkers('unreadable-workflows.ts', taskQueue, async () => {
      const handle = await start('bell', taskQueue, null);
      await handle.signal('ring', createRequest('signal', 'ring', 'once'));
      await expect(sendCommand(handle, 'tune', 'higher')).rejects.toMatchObject({
        cause: { type: 'BadRequest', message: '`request` must be a number' },
      });
      const noCommand = { ...createCommand('tune', 1), body: undefined };
      const updateId = noCommand.id;
      await expect(handle.executeUpdate('tune', { args: [noCommand], updateId })).rejects.toMatchObject({
        cause: { type: 'BadRequest', message: '`command` must be an object' },
      });
      expect((await sendCommand(handle, 'tune', 3)).result).toBeNull();
      await handle.signal('ring', createRequest('signal', 'ring', 1));
      expect(await endOf('bell', handle)).toBeNull();
    });
  });

  it('takes a result that it cannot read as an unknown outcome', async () => {
    const taskQueue = `unreadable-${randomUUID()}`;
    returned = { reserved: 'yes', reason: '' };
    await withWorkers('order.ts', taskQueue, async () => {
      const handle = await start('order', taskQueue, { orderId: '1', amount: 10, approveWithin: 600_000 });
      const end = await endOf('order', handle);
      expect(end).toMatchObject({
        value: 'rejected',
        log: [expect.anything(), expect.stringContaining('payment.unknown')],
      });
    });
  });

  it('stays open if it cannot read the state of the previous run, and continues with code that can', async () => {
    const taskQueue = `unreadable-${randomUUID()}`;
    const handle = await withWorkers('order-broken.ts', taskQueue, async () => {
      const { workflowId } = await start('order', taskQueue, null);
      const open = client.workflow.getHandle(workflowId) as Handle;
      await waitUntil(async () => {
        const { events } = await open.fetchHistory();
        return events?.some((event) => event.workflowTaskFailedEventAttributes != null);
      }, 'a workflow task has failed');
      expect((await open.describe()).status.name).toBe('RUNNING');
      return open;
    });
    await withWorkers('order-fixed.ts', taskQueue, async () => {
      expect((await sendCommand(handle, 'comment', { text: 'back again' })).result).toBe(1);
      await handle.terminate();
    });
  });
});
