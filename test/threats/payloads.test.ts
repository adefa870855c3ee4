import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';
import { createDataConverter } from '../../client/data-converter.ts';
import { commandUpdates, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { bundlePath, callsOf, enterCode, keys, quickPolicy, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** Somebody who may write into the database, or call Temporal, but has no key. */

type History = temporal.api.history.v1.IHistory;

const code = { workflowBundle: { codePath: bundlePath }, dataConverter: createDataConverter(keys) };

let stack: Stack;
let ada: { readonly id: string; readonly history: History };
let eve: typeof ada;
beforeAll(async () => {
  stack = await startStack();
  [ada, eve] = await Promise.all([verified('ada'), verified('eve')]);
});
afterAll(() => stack?.close());

async function verified(name: string) {
  const userId = user(name);
  await stack.onward.start(userId, { accountType: 'individual' });
  await untilAt(stack, userId, 'emailPending.awaitingCode');
  await enterCode(stack, userId, 'email');
  await untilAt(stack, userId, 'smsPending.awaitingCode');
  await enterCode(stack, userId, 'sms');
  const id = journeyId(userId);
  return { id, history: await stack.client.workflow.getHandle(id).fetchHistory() };
}

/** What became of the activities of a history, in order: send, confirm, send, confirm. */
const results = ({ events }: History) =>
  (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: done }) => (done?.result == null ? [] : [done]));

/** A history in which one result is another. */
function tampered(history: History, nth: number, result: temporal.api.common.v1.IPayloads | null | undefined): History {
  const copy = structuredClone(history);
  const done = results(copy)[nth];
  if (done === undefined || result == null) throw new Error('there is no such result');
  done.result = structuredClone(result);
  return copy;
}

const replayed = (id: string, history: History) => Worker.runReplayHistory(code, history, id).then(() => 'replayed');

describe('a history', () => {
  it('is read as it was written', async () => {
    expect(results(ada.history)).toHaveLength(4);
    await expect(replayed(ada.id, ada.history)).resolves.toBe('replayed');
    await expect(replayed(ada.id, tampered(ada.history, 1, results(ada.history)[1]?.result))).resolves.toBe('replayed');
  });

  it('takes no result of another journey', async () => {
    const swapped = tampered(ada.history, 1, results(eve.history)[1]?.result);
    await expect(replayed(ada.id, swapped)).rejects.toThrow('workflow task failure');
  });

  it('takes no result of another activity of its own: a right e-mail code makes no right text', async () => {
    const swapped = tampered(ada.history, 3, results(ada.history)[1]?.result);
    await expect(replayed(ada.id, swapped)).rejects.toThrow('workflow task failure');
  });

  it('takes nothing that is not encrypted', async () => {
    const plain = { payloads: [defaultPayloadConverter.toPayload({ type: 'right' })] };
    await expect(replayed(ada.id, tampered(ada.history, 1, plain))).rejects.toThrow('workflow task failure');
  });

  it('does not go on by the word that a server says in the clear', async () => {
    const plain = { payloads: [defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED')] };
    await expect(replayed(ada.id, tampered(ada.history, 1, plain))).rejects.toThrow('workflow task failure');
  });

  it('is nobody else’s as a whole', async () => {
    await expect(replayed(eve.id, ada.history)).rejects.toThrow('workflow task failure');
  });
});

describe('whoever calls Temporal without a key', () => {
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
    client = new Client({ connection });
  });
  afterAll(() => connection?.close());

  it('starts no journey that does anything', async () => {
    const userId = user('mallory');
    const handle = await client.workflow.start(WORKFLOW_TYPE, {
      workflowId: journeyId(userId),
      taskQueue: stack.taskQueue,
      args: [{ signup: { userId, accountType: 'individual', policy: quickPolicy } }],
    });
    // Another user's whole journey has passed meanwhile.
    await verified('between');
    expect(callsOf(stack, userId)).toEqual([]);
    await handle.terminate();
  });

  it('gives no command', async () => {
    const userId = user('mallory');
    await stack.onward.start(userId, { accountType: 'individual' });
    await untilAt(stack, userId, 'emailPending.awaitingCode');
    const handle = client.workflow.getHandle(journeyId(userId));
    const by = { role: 'operator', name: 'night' } as const;
    const asked = { channel: 'email', by, reason: 'trust me', fingerprint: '', nonce: '' } as const;
    const told = handle.executeUpdate(commandUpdates.override, { args: [asked] }).catch(() => 'refused');
    await verified('between');
    expect((await stack.onward.status(userId)).state).toBe('emailPending');
    await handle.terminate();
    expect(await told).toBe('refused');
  });

  it('reads nothing', async () => {
    const shown = JSON.stringify(ada.history.events?.map((event) => structuredClone(event)));
    expect(shown).not.toMatch(/emailPending|individual|cooldowns|•/);
    await expect(client.workflow.getHandle(ada.id).result()).rejects.toThrow('binary/encrypted');
  });
});
