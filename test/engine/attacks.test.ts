import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection, WorkflowUpdateFailedError } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { createCommand, createRequest, openEnd } from '../../workflows/engine/client.ts';
import { seal } from '../../workflows/engine/core/envelope.ts';
import { waitUntil, keys } from '../support/stack.ts';
import { failureConverterPath } from '../../client/temporal/data-converter.ts';
import { createEncryptionCodec } from '../../client/temporal/encryption-codec.ts';
import { sendQuery, bundle, sendCommand, startOrderEnvironment, waitForState } from './environment.ts';
import type { Handle, OrderQueryResult, OrderEnvironment } from './environment.ts';

/** An attacker who can read and write everything in Temporal, but has no encryption key. */

let environment: OrderEnvironment;
let connection: Connection;
const taskQueue = `orders-${randomUUID()}`;
let replayed: Payload[] = [];
/** A client that sends recorded ciphertext in place of what it is given. */
let attacker: Client;

beforeAll(async () => {
  let code: string;
  [environment, code] = await Promise.all([startOrderEnvironment(), bundle('order.ts')]);
  await environment.startWorker(code, taskQueue);
  connection = await Connection.connect({ address: environment.address });
  attacker = new Client({
    connection,
    // Replies are decoded with the key, so that the test can distinguish a refusal from a result.
    dataConverter: {
      failureConverterPath,
      payloadCodecs: [
        { encode: async () => replayed, decode: async (payloads, context) => codec.decode(payloads, context) },
      ],
    },
  });
});
afterAll(async () => {
  await connection?.close();
  await environment?.close();
});

const codec = createEncryptionCodec(keys);
const toPlainPayloads = (value: unknown): Payload[] => [defaultPayloadConverter.toPayload(value)];

/** Sends an update with these payloads. */
async function sendForgedUpdate({ workflowId }: Handle, update: string, payloads: Payload[]): Promise<string> {
  replayed = payloads;
  return attacker.workflow
    .getHandle(workflowId)
    .executeUpdate(update, { args: ['replaced'] })
    .then(
      () => 'executed',
      (error: unknown) => {
        if (error instanceof WorkflowUpdateFailedError) return 'refused';
        throw error;
      },
    );
}

const historyOf = async (handle: Handle) => (await handle.fetchHistory()).events ?? [];

/** Encrypts a payload as the engine's client does. */
const encryptFor = async ({ workflowId }: Handle, value: unknown) =>
  createEncryptionCodec(keys).encode(toPlainPayloads(value), { type: 'workflow', namespace: 'default', workflowId });

describe('an update', () => {
  let handle: Handle;
  beforeAll(async () => {
    ({ handle } = await environment.startOrder(taskQueue));
    await waitForState(handle, '"payment":"reserved"');
    await sendCommand(handle, 'comment', { text: 'a real one' });
  });

  it('that is unencrypted, the constant of the SDK, bytes or empty is refused, and the order continues', async () => {
    const forged = createCommand('reject', { by: 'mallory' });
    const nothing: Payload[] = [];
    for (const payloads of [
      toPlainPayloads(forged),
      toPlainPayloads('ACTIVITY_ID_NOT_STARTED'),
      toPlainPayloads(new Uint8Array([1])),
      nothing,
    ]) {
      expect(await sendForgedUpdate(handle, 'reject', payloads)).toBe('refused');
    }
    expect((await sendQuery<OrderQueryResult>(handle)).value).toMatchObject({ open: { approval: 'awaiting' } });
  });

  it('with the payload of a start, of a command with another name or of a reply is refused', async () => {
    const events = await historyOf(handle);
    const start = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const comment = events.find((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null)
      ?.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads;
    const reply = events.find((event) => event.workflowExecutionUpdateCompletedEventAttributes != null)
      ?.workflowExecutionUpdateCompletedEventAttributes?.outcome?.success?.payloads;
    for (const payloads of [start, comment, reply]) {
      expect(payloads).toHaveLength(1);
      expect(await sendForgedUpdate(handle, 'reject', (payloads ?? []) as Payload[])).toBe('refused');
    }
  });

  it('that was already executed, has expired or predates the order is refused', async () => {
    const events = await historyOf(handle);
    const comment = events.find((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null)
      ?.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args?.payloads;
    expect(await sendForgedUpdate(handle, 'comment', (comment ?? []) as Payload[])).toBe('refused');
    const { startTime } = await handle.describe();
    const body = { key: null, fingerprint: '', request: { text: 'expired' } };
    for (const at of [startTime.getTime() - 60_000, Date.now() - 301_000, Date.now() + 330_000]) {
      const expired = await encryptFor(handle, seal('update:comment', randomUUID(), at, body));
      expect(await sendForgedUpdate(handle, 'comment', expired)).toBe('refused');
    }
    expect(
      await sendForgedUpdate(handle, 'comment', await encryptFor(handle, createCommand('comment', { text: 'new' }))),
    ).toBe('executed');
    expect((await sendQuery<OrderQueryResult>(handle)).comments).toEqual(['a real one', 'new']);
  });

  it('of another order is refused', async () => {
    const { handle: other } = await environment.startOrder(taskQueue);
    const otherOrderCommand = await encryptFor(other, createCommand('reject', { by: 'bo' }));
    expect(await sendForgedUpdate(handle, 'reject', otherOrderCommand)).toBe('refused');
    await sendCommand(other, 'reject', { by: 'bo' });
  });
});

describe('a start', () => {
  it('that is unencrypted or has expired has no effect, and the execution fails at once', async () => {
    const start = { orderId: 'forged', amount: 10, approveWithin: 60_000 };
    const workflowId = `order-${randomUUID()}`;
    const expired = createEncryptionCodec(keys).encode(
      toPlainPayloads(seal('start:order', randomUUID(), Date.now() - 301_000, start)),
      {
        type: 'workflow',
        namespace: 'default',
        workflowId,
      },
    );
    for (const payloads of [toPlainPayloads(createRequest('start', 'order', start)), await expired]) {
      replayed = payloads;
      const handle = await attacker.workflow.start('order', { taskQueue, workflowId, args: ['replaced'] });
      await expect(handle.result()).rejects.toThrow('Workflow execution failed');
      expect(environment.provider.callsOf('forged')).toEqual([]);
    }
  });
});

describe('an activity', () => {
  it('with a forged result, a forged failure or the result of another order has an unknown outcome in the machine', async () => {
    const { handle: donor } = await environment.startOrder(taskQueue);
    await waitForState(donor, '"payment":"reserved"');
    const donated = (await historyOf(donor)).find((event) => event.activityTaskCompletedEventAttributes != null)
      ?.activityTaskCompletedEventAttributes?.result?.payloads;
    await sendCommand(donor, 'reject', { by: 'bo' });

    const forgeries: ((id: { workflowId: string; activityId: string }) => Promise<unknown>)[] = [
      ({ workflowId, activityId }) =>
        connection.workflowService.respondActivityTaskCompletedById({
          namespace: 'default',
          workflowId,
          activityId,
          result: { payloads: toPlainPayloads({ reserved: true, reason: '' }) },
        }),
      ({ workflowId, activityId }) =>
        connection.workflowService.respondActivityTaskCompletedById({
          namespace: 'default',
          workflowId,
          activityId,
          result: { payloads: donated ?? [] },
        }),
      ({ workflowId, activityId }) =>
        connection.workflowService.respondActivityTaskFailedById({
          namespace: 'default',
          workflowId,
          activityId,
          failure: {
            message: 'trust me',
            applicationFailureInfo: {
              type: 'Declined',
              nonRetryable: true,
              details: { payloads: toPlainPayloads('x') },
            },
          },
        }),
    ];
    for (const forge of forgeries) {
      const release = environment.provider.holdReplies('reserve');
      try {
        const { handle, orderId } = await environment.startOrder(taskQueue);
        await waitUntil(() => environment.provider.callsOf(orderId).length === 1, 'the request is in flight');
        const { raw } = await handle.describe();
        const activityId = raw.pendingActivities?.[0]?.activityId ?? '';
        await forge({ workflowId: handle.workflowId, activityId });
        const result = await handle.result();
        const { runId } = await handle.describe();
        const { value, log } = openEnd(result, 'order', runId) as { readonly value: unknown; readonly log: string[] };
        expect([value, log.at(-1)]).toEqual(['rejected', expect.stringContaining('payment.unknown')]);
      } finally {
        release();
      }
    }
  });
});
