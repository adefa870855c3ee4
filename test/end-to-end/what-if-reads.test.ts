import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readRecordFromHistory } from '../../client/journey-history/read-record.ts';
import { StatusReader } from '../../client/journeys/status-reader.ts';
import { readJourney } from '../../client/what-ifs/read-journey.ts';
import { journeyId } from '../../workflows/contract.ts';
import { app, enterCode, guessWrong, operator, startStack, uniqueUserId, waitForPosition } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
let reader: StatusReader;
beforeAll(async () => {
  stack = await startStack();
  reader = new StatusReader(stack.client, 10_000);
});
afterAll(() => stack?.close());

async function startedJourney(name: string): Promise<string> {
  const userId = uniqueUserId(name);
  await stack.onward.start(userId, { accountType: 'individual' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  return userId;
}

it('reads from the history what the journey itself would answer, also under repeated idempotency keys', async () => {
  const userId = await startedJourney('history');
  const reason = 'test';
  await guessWrong(stack, userId);
  await stack.onward.resend(userId, { channel: 'email' }, { ...app, idempotencyKey: 'once' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await stack.onward.resend(userId, { channel: 'email' }, { ...app, idempotencyKey: 'once' });
  await stack.onward.pause(userId, { reason }, operator);
  await stack.onward.resume(userId, { reason }, operator);
  await enterCode(stack, userId, 'email');
  await waitForPosition(stack, userId, 'smsPending.awaitingCode');
  const record = await readRecordFromHistory(stack.client, userId);
  expect(record?.entries.length).toBeGreaterThan(8);
  expect(record).toEqual(await reader.record(userId));
  await enterCode(stack, userId, 'sms');
  await waitForPosition(stack, userId, 'done');
  const ended = await readRecordFromHistory(stack.client, userId);
  expect(ended).toEqual(await reader.record(userId));
});

it('needs no worker to read a journey from its history', async () => {
  const userId = await startedJourney('alone');
  const record = await reader.record(userId);
  await stack.stopWorkers();
  try {
    expect(await readRecordFromHistory(stack.client, userId)).toEqual(record);
  } finally {
    await stack.startWorker();
  }
});

it('repeats a read that no worker answers, and gives up in the end', async () => {
  const userId = await startedJourney('unanswered');
  // Onward sends no signals to journeys, so its history alone does not say what became of it.
  await stack.client.workflow.getHandle(journeyId(userId)).signal('unknown');
  expect(await readRecordFromHistory(stack.client, userId)).toBeUndefined();
  await stack.stopWorkers();
  const impatient = new StatusReader(stack.client, 300);
  await expect(readJourney(stack.client, impatient, userId, [100])).rejects.toMatchObject({ code: 'unavailable' });
  const read = readJourney(
    stack.client,
    impatient,
    userId,
    Array.from({ length: 300 }, () => 200),
  );
  await stack.startWorker();
  expect((await read).entries.map(({ type }) => type)).toEqual(['started', 'send.sent']);
});
