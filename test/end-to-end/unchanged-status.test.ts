import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createClient } from '../../client/temporal/connect.ts';
import { Onward } from '../../client/onward.ts';
import { enterCode, waitUntil, keys, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

/** A facade of its own, and how often it has asked a worker. */
let onward: Onward;
let connection: Connection;
let queryCount = 0;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' });
  const { dataConverter } = createClient(connection, 'default', keys).options;
  const client = new Client({
    connection,
    dataConverter,
    workflow: { queryRejectCondition: 'NOT_OPEN' },
    interceptors: { workflow: [{ query: (input, next) => ((queryCount += 1), next(input)) }] },
  });
  onward = new Onward({ client });
});
afterAll(async () => {
  await connection.close();
  await stack.close();
});

const READERS = 50;
const all = (userId: string) => Promise.all(Array.from({ length: READERS }, () => onward.status(userId)));

it('is returned to many readers for a few queries, and as live only while a worker runs', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  const { revision } = await waitForPosition({ onward, client: stack.client }, ada, 'emailPending.awaitingCode');
  // On a machine that is busy with other things, a worker may not answer in time.
  const statuses = await waitUntil(async () => {
    // Each reader queries a status that no reader has had yet, so one reads it first.
    await onward.status(ada);
    queryCount = 0;
    const statuses = await all(ada);
    return statuses.every(({ live }) => live) && statuses;
  }, 'the journey has answered all');
  expect(new Set(statuses.map((status) => status.revision))).toEqual(new Set([revision]));
  expect(queryCount).toBeGreaterThan(0);
  expect(queryCount).toBeLessThan(READERS / 2);

  await stack.stopWorkers();
  expect(new Set((await all(ada)).map(({ live }) => live))).toEqual(new Set([false]));
  await stack.startWorker();
});

it('is never returned after a newer one', async () => {
  const bo = uniqueUserId('bo');
  await stack.onward.start(bo, { accountType: 'individual' });
  await waitForPosition({ onward, client: stack.client }, bo, 'emailPending.awaitingCode');
  await onward.status(bo);
  const answer = await enterCode(stack, bo, 'email');
  const before = answer.outcome === 'pending' ? null : answer.status.revision;
  const statuses = await waitUntil(async () => {
    const statuses = await all(bo);
    return statuses.every(({ live }) => live) && statuses;
  }, 'the journey has answered all');
  for (const { revision } of statuses) expect(revision).toBeGreaterThanOrEqual(before ?? Infinity);
});
