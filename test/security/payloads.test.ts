import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';
import { createDataConverter } from '../../client/temporal/data-converter.ts';
import { journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import {
  bundlePath,
  callsOf,
  enterCode,
  keys,
  quickPolicy,
  startStack,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** An attacker who can write to the database or call Temporal, but has no encryption key. */

type History = temporal.api.history.v1.IHistory;

const code = {
  workflowBundle: { codePath: bundlePath },
  dataConverter: createDataConverter(keys, { foreignAsUndefined: true }),
};

let stack: Stack;
let ada: { readonly id: string; readonly history: History };
let eve: typeof ada;
beforeAll(async () => {
  stack = await startStack();
  [ada, eve] = await Promise.all([completeJourney('ada'), completeJourney('eve')]);
});
afterAll(() => stack?.close());

async function completeJourney(name: string) {
  const userId = uniqueUserId(name);
  await stack.onward.start(userId, { accountType: 'individual' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await enterCode(stack, userId, 'email');
  await waitForPosition(stack, userId, 'smsPending.awaitingCode');
  await enterCode(stack, userId, 'sms');
  const id = journeyId(userId);
  return { id, history: await stack.client.workflow.getHandle(id).fetchHistory() };
}

/** The completed activities of a history, in order: send, confirm, send, confirm. */
const results = ({ events }: History) =>
  (events ?? []).flatMap(({ activityTaskCompletedEventAttributes: done }) => (done?.result == null ? [] : [done]));

/** The workflow treats a foreign payload as no result, so its commands differ from the history. */
const NONDETERMINISM_ERROR = 'nondeterminism error';

/** Returns a copy of the history with one result replaced. */
function replaceResult(
  history: History,
  nth: number,
  result: temporal.api.common.v1.IPayloads | null | undefined,
): History {
  const copy = structuredClone(history);
  const done = results(copy)[nth];
  if (done === undefined || result == null) throw new Error('the activity has no result');
  done.result = structuredClone(result);
  return copy;
}

const replay = (id: string, history: History) => Worker.runReplayHistory(code, history, id).then(() => 'replayed');

describe('a history', () => {
  it('is decoded as it was written', async () => {
    expect(results(ada.history)).toHaveLength(4);
    await expect(replay(ada.id, ada.history)).resolves.toBe('replayed');
    await expect(replay(ada.id, replaceResult(ada.history, 1, results(ada.history)[1]?.result))).resolves.toBe(
      'replayed',
    );
  });

  it('rejects a result of another journey', async () => {
    const swapped = replaceResult(ada.history, 1, results(eve.history)[1]?.result);
    await expect(replay(ada.id, swapped)).rejects.toThrow(NONDETERMINISM_ERROR);
  });

  it('rejects the result of another activity of the same journey: a right e-mail code does not verify the phone', async () => {
    const swapped = replaceResult(ada.history, 3, results(ada.history)[1]?.result);
    await expect(replay(ada.id, swapped)).rejects.toThrow(NONDETERMINISM_ERROR);
  });

  it('rejects a payload that is not encrypted', async () => {
    const plain = { payloads: [defaultPayloadConverter.toPayload({ type: 'right' })] };
    await expect(replay(ada.id, replaceResult(ada.history, 1, plain))).rejects.toThrow(NONDETERMINISM_ERROR);
  });

  it('rejects an unencrypted failure or command from the server', async () => {
    const plain = { payloads: [defaultPayloadConverter.toPayload('ACTIVITY_ID_NOT_STARTED')] };
    await expect(replay(ada.id, replaceResult(ada.history, 1, plain))).rejects.toThrow(NONDETERMINISM_ERROR);
  });

  it('cannot be replayed as the history of another journey', async () => {
    await expect(replay(eve.id, ada.history)).rejects.toThrow(NONDETERMINISM_ERROR);
  });
});

describe('a Temporal client without an encryption key', () => {
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
    client = new Client({ connection });
  });
  afterAll(() => connection?.close());

  it('cannot start a journey that has an effect', async () => {
    const userId = uniqueUserId('mallory');
    const handle = await client.workflow.start(WORKFLOW_TYPE, {
      workflowId: journeyId(userId),
      taskQueue: stack.taskQueue,
      args: [{ signup: { userId, accountType: 'individual', policy: quickPolicy } }],
    });
    // The failure is encrypted, so this client cannot read its cause.
    await expect(handle.result()).rejects.toThrow('binary/encrypted');
    expect((await handle.describe()).status.name).toBe('FAILED');
    expect(callsOf(stack, userId)).toEqual([]);
  });

  it('cannot send a command', async () => {
    const userId = uniqueUserId('mallory');
    await stack.onward.start(userId, { accountType: 'individual' });
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    const handle = client.workflow.getHandle(journeyId(userId));
    const by = { role: 'operator', name: 'night' } as const;
    const request = { channel: 'email', by, reason: 'trust me', fingerprint: '', nonce: '' } as const;
    await expect(handle.executeUpdate('override', { args: [request] })).rejects.toThrow('binary/encrypted');
    expect((await stack.onward.status(userId)).state).toBe('emailPending');
    await handle.terminate();
  });

  it('cannot read a payload', async () => {
    const shown = JSON.stringify(ada.history.events?.map((event) => structuredClone(event)));
    expect(shown).not.toMatch(/emailPending|individual|cooldowns|•/);
    await expect(client.workflow.getHandle(ada.id).result()).rejects.toThrow('binary/encrypted');
  });
});
