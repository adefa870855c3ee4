import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import type { BulkOperationRequest } from '../../client/bulk-operations/create.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { startOwnServer } from '../support/own-server.ts';
import { operator, startStack, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
let stack: Stack;
let operations: BulkOperations;
beforeAll(async () => {
  server = await startOwnServer();
  stack = await startStack({ address: server.address });
  // Small, so that listing and sending take several executions.
  operations = new BulkOperations({ ...stack, sizes: { page: 2, pages: 2, batches: 2 } });
});
afterAll(async () => {
  await stack?.close();
  await server?.stop();
});

const filter = { state: 'emailPending' } as const;
const reason = 'signed up twice';

async function run(request: BulkOperationRequest) {
  const { id } = await operations.start(request, operator);
  await waitUntil(async () => ['done', 'stopped'].includes((await operations.get(id)).state), 'the operation is over');
  return operations.get(id);
}

async function startUser(name: string): Promise<string> {
  const userId = uniqueUserId(name);
  await stack.onward.start(userId, { accountType: 'individual' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  return userId;
}
const counted = (count: number) =>
  waitUntil(async () => (await stack.onward.count(filter)) === count, `${count} journeys are counted`);

it('applies a command to the users of its dry run that still match, and lists those who joined or left', async () => {
  const stayed: string[] = [];
  for (let nth = 0; nth < 4; nth += 1) stayed.push(await startUser(`stays${nth}`));
  const went = await startUser('goes');
  await counted(5);
  const request = { command: 'cancel', filter, perSecond: 50, reason } as const;
  const dryRun = await run({ ...request, expected: 5, dryRun: true });
  expect(dryRun).toMatchObject({ state: 'done', done: 5, dryRunId: null });

  const came = await startUser('comes');
  await stack.onward.cancel(went, { reason }, operator);
  // As many as before: the number alone would not show a difference.
  await waitUntil(async () => {
    const { items } = await stack.onward.list(filter, 200);
    const users = items.map(({ userId }) => userId);
    return users.length === 5 && users.includes(came) && !users.includes(went);
  }, 'one came and one went');

  const carriedOut = await run({ ...request, expected: 5, dryRunId: dryRun.id });
  const outcomes = new Map(carriedOut.items.map(({ userId, outcome }) => [userId, outcome]));
  expect(Object.fromEntries(outcomes)).toEqual({
    ...Object.fromEntries(stayed.map((userId) => [userId, 'applied'])),
    [came]: 'notInDryRun',
    [went]: 'noLongerMatches',
  });
  expect(carriedOut).toMatchObject({
    state: 'done',
    dryRunId: dryRun.id,
    outcomes: { applied: 4, notInDryRun: 1, noLongerMatches: 1 },
  });
  await waitForPosition(stack, came, 'emailPending.awaitingCode');
  for (const userId of stayed) expect((await stack.onward.status(userId)).state).toBe('cancelled');
});

it('is refused if its dry run does not exist, has another request, or had another number', async () => {
  const one = { ...filter, userId: await startUser('here') };
  const count = await waitUntil(async () => (await stack.onward.count(one)) || undefined, 'she is listed');
  const request = { command: 'pause', filter: one, perSecond: 50, reason } as const;
  const dryRun = await run({ ...request, expected: count, dryRun: true });
  const rechecks = { ...request, command: 'recheck', expected: count } as const;
  const real = await run({ ...rechecks, dryRunId: (await run({ ...rechecks, dryRun: true })).id });
  const attempt = (more: Partial<BulkOperationRequest>) =>
    operations.start({ ...request, expected: dryRun.done, dryRunId: dryRun.id, ...more }, operator);
  const refused = (problem: RegExp, field = 'dryRunId') => ({ field, message: expect.stringMatching(problem) });
  await expect(attempt({ dryRunId: 'nowhere' })).rejects.toMatchObject(refused(/no operation has this id/));
  await expect(attempt({ dryRunId: real.id })).rejects.toMatchObject(refused(/was not a dry run/));
  await expect(attempt({ command: 'cancel' })).rejects.toMatchObject(refused(/another command or filter/));
  await expect(attempt({ filter: { state: 'smsPending' } })).rejects.toMatchObject(
    refused(/another command or filter/),
  );
  await expect(operations.start({ ...request, expected: count }, operator)).rejects.toMatchObject(
    refused(/must name a dry run/),
  );
  await expect(attempt({ dryRun: true })).rejects.toMatchObject(refused(/follows a dry run/));
  await expect(attempt({ expected: 77 })).rejects.toMatchObject(
    refused(/the dry run had \d+ journeys, not 77/, 'expected'),
  );
});
