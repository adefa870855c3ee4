import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import type { BulkOperationRequest } from '../../client/bulk-operations/create.ts';
import { operationHeadline } from '../../client/presentation/operation-text.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { makeDryRun } from '../support/bulk-operation.ts';
import { startOwnServer } from '../support/own-server.ts';
import { operator, startStack, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
let stack: Stack;
let operations: BulkOperations;
beforeAll(async () => {
  // Running operations are the whole namespace's.
  server = await startOwnServer();
  stack = await startStack({ address: server.address });
  operations = stack.onward.operations;
});
afterAll(async () => {
  await stack?.close();
  await server?.stop();
});

const reason = 'a drill';

async function begun(count: number): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`chosen${nth}`));
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await waitUntil(async () => (await stack.onward.count({ userIds: users })) === count, 'all of them are listed');
  return users;
}

const ended = (id: string) =>
  waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === 'done' && operation;
  }, 'the operation is done');

async function run(request: BulkOperationRequest) {
  const dryRunId = await makeDryRun(operations, request);
  return ended((await operations.start({ ...request, dryRunId }, operator)).id);
}

it('acts on the selected people only', async () => {
  const [ada = '', bo = '', cy = ''] = await begun(3);
  const userIds = [cy, ada];
  const done = await run({ command: 'pause', filter: { userIds }, expected: 2, perSecond: 50, reason });
  expect(done).toMatchObject({ filter: { userIds: userIds.toSorted() }, results: { applied: 2, refused: 0 } });
  expect(operationHeadline(done)).toBe('Done');
  await waitForPosition(stack, bo, 'emailPending.awaitingCode');
  for (const userId of userIds) await waitForPosition(stack, userId, 'emailPending.paused');
});

it('refuses a selection that does not match the expected number, or is too large', async () => {
  const [ada = ''] = await begun(1);
  const start = (userIds: readonly string[], expected: number) =>
    operations.start({ command: 'pause', filter: { userIds }, expected, dryRun: true, reason }, operator);
  await expect(start([ada, uniqueUserId('unknown')], 2)).rejects.toMatchObject({ field: 'expected' });
  await expect(start([], 1)).rejects.toMatchObject({ field: 'userIds' });
  const many = Array.from({ length: 201 }, (_, nth) => `user-${nth}`);
  await expect(start(many, 201)).rejects.toMatchObject({ field: 'userIds' });
});

it('counts what was applied and what was refused, and never calls a refused operation done', async () => {
  const users = await begun(3);
  const request = { command: 'pause', filter: { userIds: users }, expected: 3, perSecond: 50, reason } as const;
  await stack.onward.pause(users[0] ?? '', { reason }, operator);
  const partly = await run(request);
  expect(partly).toMatchObject({
    results: { applied: 2, refused: 1, unanswered: 0 },
    outcomes: { applied: 2, invalidState: 1 },
  });
  expect(operationHeadline(partly)).toBe('2 applied, 1 refused');
  const again = await run(request);
  expect(again).toMatchObject({ state: 'done', done: 3, results: { applied: 0, refused: 3, unanswered: 0 } });
  expect(operationHeadline(again)).toBe('Nothing applied, 3 refused');
  expect(operationHeadline({ ...again, dryRun: true })).toBe('Nothing would be applied, 3 would be refused');
});

it('names in a dry run the running operation that acts on the same people', async () => {
  const users = await begun(4);
  const slow = { command: 'resend', filter: { userIds: users }, expected: 4, perSecond: 0.01, reason } as const;
  const dryRunId = await makeDryRun(operations, slow);
  expect(await operations.get(dryRunId)).toMatchObject({ overlaps: [] });
  const { id } = await operations.start({ ...slow, dryRunId }, { ...operator, name: 'day' });
  await waitUntil(async () => (await operations.get(id)).total === 4, 'its users are listed');
  const filter = { userIds: users.slice(2) };
  const shared = await makeDryRun(operations, { command: 'pause', filter, expected: 2, reason });
  const { overlaps } = await waitUntil(async () => {
    const seen = await operations.get(shared);
    return seen.overlaps.length > 0 && seen;
  }, 'the running operation is seen');
  expect(overlaps).toEqual([
    { id, command: 'resend', by: { role: 'operator', name: 'day' }, at: expect.any(String), users: 2 },
  ]);
  await operations.stop(id, { reason }, operator);
});

it('erases the operations whose selection names the user', async () => {
  const [ada = ''] = await begun(1);
  const request = { command: 'pause', filter: { userIds: [ada] }, expected: 1, reason } as const;
  const { id } = await run(request);
  await stack.onward.erase(ada);
  await expect(operations.get(id)).rejects.toMatchObject({ code: 'not_found' });
});
