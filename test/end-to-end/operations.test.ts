import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import type { BulkOperationRequest } from '../../client/bulk-operations/create.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { journeyId } from '../../workflows/contract.ts';
import { operationId } from '../../workflows/bulk-operation/contract.ts';
import { MINUTE } from '../../workflows/journey/policy/policy.ts';
import { makeDryRun } from '../support/bulk-operation.ts';
import { startBlockedJourney } from '../support/blocked-journey.ts';
import { startOwnServer } from '../support/own-server.ts';
import {
  callsOf,
  enterCode,
  waitUntil,
  operator,
  quickPolicy,
  startStack,
  timelineOf,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

let stack: Stack;
let operations: BulkOperations;
beforeEach(async () => {
  stack = await startStack({ address: server.address });
  operations = new BulkOperations(stack);
});
afterEach(async () => {
  // The lists are the whole namespace's.
  const { items } = await stack.onward.list({}, 200);
  for (const { userId } of items)
    await stack.client.workflow
      .getHandle(`onboarding:${userId}`)
      .terminate()
      .catch(() => {});
  await waitUntil(async () => (await stack.onward.summary()).steps.stalled === 0, 'no journey is stalled');
  await stack.close();
});

const because = 'the provider lost our codes';
const stalled = { step: 'stalled' } as const;

async function strand(count: number, labels = ''): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`bulk${nth}`, labels));
  for (const userId of users) stack.sfox.script(userId, 'send', [{ status: 503 }]);
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  await waitUntil(async () => {
    const { items } = await stack.onward.list(stalled, 200);
    return users.every((userId) => items.some((item) => item.userId === userId));
  }, 'all of them are stalled');
  return users;
}

async function run(request: BulkOperationRequest) {
  const isComplete = request.dryRun === true || request.dryRunId !== undefined;
  const dryRunId = isComplete ? undefined : await makeDryRun(operations, request);
  const { id } = await operations.start({ ...request, ...(dryRunId !== undefined && { dryRunId }) }, operator);
  return waitUntil(async () => {
    const operation = await operations.get(id);
    return (operation.state === 'done' || operation.state === 'stopped') && operation;
  }, 'the operation is over');
}

it('sends one command to every journey of a filter, and stores the result of each user', async () => {
  const users = await strand(12);
  const request = { command: 'retry', filter: stalled, expected: 12, perSecond: 50, reason: because } as const;
  const operation = await run(request);
  expect(operation).toMatchObject({
    ...request,
    state: 'done',
    by: operator,
    dryRun: false,
    total: 12,
    done: 12,
    outcomes: { sends: 12, applied: 0, verified: 0, limited: 0, invalidState: 0, unanswered: 0 },
    stopped: null,
    next: null,
  });
  expect(operation.items.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
  for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  const retried = (await timelineOf(stack, users[0] ?? '')).find(({ what }) => what === 'Retried');
  expect(retried).toMatchObject({ by: 'operator night', reason: because });
  const listed = await waitUntil(async () => {
    const { items } = await operations.list();
    return items[0]?.state === 'done' && items;
  }, 'it is listed as done');
  expect(listed[0]).toMatchObject({ id: operation.id, command: 'retry', total: 12 });
});

it.each([
  ['another count than there is', { expected: 3 }, 'expected', /finds 2 journeys, not 3/],
  ['an empty filter', { filter: {} }, 'filter', /every journey/],
  ['a filter of nothing known', { filter: { state: undefined } }, 'filter', /every journey/],
  ['no reason', { reason: ' ' }, 'reason', /say why/],
  ['a reason that steers a terminal', { reason: '\u001b[2J' }, 'reason', /plain text/],
  ['no pace', { perSecond: 0 }, 'perSecond', /above 0/],
  ['a command that is none for many', { command: 'override' }, 'command', /one of/],
  ['a real run without a dry run', { dryRun: false }, 'dryRunId', /must name a dry run/],
] as const)('refuses %s', async (_, wrong, field, message) => {
  await strand(2);
  const right = { command: 'retry', filter: stalled, expected: 2, dryRun: true, reason: because };
  const request = { ...right, ...wrong } as BulkOperationRequest;
  await expect(operations.start(request, operator)).rejects.toMatchObject({
    code: 'bad_request',
    field,
    message: expect.stringMatching(message),
  });
});

it('returns in a dry run the expected result of each journey, without sending a command', async () => {
  const limited = stack.facade({ policy: { ...quickPolicy, cooldowns: [30 * MINUTE] } });
  const [waits, cools, done, cancelled, locked, paused] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    uniqueUserId(name),
  );
  const everyUser = [waits, cools, done, cancelled, locked, paused].map((userId) => userId ?? '');
  for (const [nth, userId] of everyUser.entries()) {
    await (nth === 1 ? limited : stack.onward).start(userId, { accountType: 'business' });
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  }
  await enterCode(stack, done ?? '', 'email');
  await stack.onward.cancel(cancelled ?? '', { reason: 'test' }, operator);
  await stack.onward.pause(paused ?? '', { reason: 'test' }, operator);
  await waitForPosition(stack, done ?? '', 'done');
  await waitForPosition(stack, cancelled ?? '', 'cancelled');
  const filter = { accountType: 'business' } as const;
  const expected = await waitUntil(async () => {
    const { items } = await stack.onward.list(filter, 200);
    return items.filter(({ state }) => state === 'done').length === 1 && items.length;
  }, 'all of them are listed');

  const before = stack.sfox.requests().length;
  const request = { command: 'resend', filter, expected, perSecond: 50, reason: because } as const;
  const dry = await run({ ...request, dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, outcomes: { sends: 2, limited: 1, verified: 1, unanswered: 0 } });
  expect(stack.sfox.requests()).toHaveLength(before);
  const by = new Map(dry.items.map((item) => [item.userId, item]));
  expect(by.get(waits ?? '')).toMatchObject({ outcome: 'sends', until: null, why: null });
  expect(by.get(cools ?? '')).toMatchObject({ outcome: 'limited', until: expect.any(String) });
  expect(by.get(done ?? '')).toMatchObject({ outcome: 'verified' });
  expect(by.get(cancelled ?? '')).toMatchObject({ outcome: 'invalidState', why: 'resend is not allowed in cancelled' });
  expect(by.get(paused ?? '')).toMatchObject({
    outcome: 'invalidState',
    why: 'resend is not allowed in emailPending.paused',
  });

  const real = await run(request);
  expect(real.items).toEqual(dry.items);
  expect(real.outcomes).toEqual(dry.outcomes);
  await waitForPosition(stack, waits ?? '', 'emailPending.awaitingCode');
  expect(callsOf(stack, waits ?? '')).toEqual(['send email 200', 'send email 200']);
});

it('sends one code to each user if two operators start the same operation', async () => {
  const users = Array.from({ length: 10 }, (_, nth) => uniqueUserId(`twice${nth}`));
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  const filter = { state: 'emailPending' } as const;
  await waitUntil(async () => (await stack.onward.list(filter, 200)).items.length === 10, 'all of them are listed');
  const command = { command: 'resend', filter, expected: 10, perSecond: 5, reason: because } as const;
  const request = { ...command, dryRunId: await makeDryRun(operations, command) };
  const [first, second] = await Promise.all([
    run(request),
    operations
      .start(request, { ...operator, name: 'day' })
      // And once more by an operator who starts it while the others run.
      .then(() => new Promise((wake) => setTimeout(wake, 1_200)))
      .then(() => run(request)),
  ]);
  expect(first?.state).toBe('done');
  expect(second?.state).toBe('done');
  for (const userId of users) {
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect(stack.sfox.outbox(userId)).toHaveLength(2);
  }
  expect(second?.outcomes.sends).toBeLessThan(10);
  expect(second?.items.find(({ outcome }) => outcome === 'invalidState')?.why).toMatch(
    /a code has been sent since|not allowed in emailPending.sending/,
  );
});

it('stops within seconds, and returns who stopped it and why', async () => {
  await strand(12);
  const request = { command: 'retry', filter: stalled, expected: 12, perSecond: 1, reason: because } as const;
  const dryRunId = await makeDryRun(operations, request);
  const { id } = await operations.start({ ...request, dryRunId }, operator);
  expect(await operations.get(id)).toMatchObject({ state: 'running', done: 0, items: [] });
  await waitUntil(async () => (await operations.get(id)).total === 12, 'they have been gathered');
  await operations.stop(id, { reason: 'wrong people' }, { ...operator, name: 'day' });
  await waitUntil(async () => (await operations.get(id)).state !== 'running', 'the operation has ended');
  const over = await waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === 'stopped' && operation;
  }, 'it has stopped');
  expect(over).toMatchObject({
    stopped: { by: { role: 'operator', name: 'day' }, reason: 'wrong people' },
    note: null,
  });
  expect(over.done).toBeLessThan(12);
  expect(over.items).toHaveLength(over.done);
  expect(await operations.stop(id, { reason: 'again' }, operator)).toMatchObject({ state: 'stopped' });
});

it('continues after a journey whose workflow task fails', async () => {
  const heldUp = await startBlockedJourney(stack);
  const users = await strand(3);
  const over = await run({ command: 'retry', filter: stalled, expected: 4, reason: because });
  expect(over).toMatchObject({ state: 'done', done: 4, outcomes: { sends: 3, unanswered: 1 } });
  for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await stack.client.workflow.getHandle(journeyId(heldUp)).terminate();
});

it('continues as new repeatedly, and still returns the results page by page', async () => {
  const users = await strand(14);
  operations = new BulkOperations({ ...stack, sizes: { page: 3, pages: 2, batches: 2 } });
  const command = { command: 'pause', filter: stalled, expected: 14, perSecond: 20, reason: because } as const;
  const again = { ...command, dryRunId: await makeDryRun(operations, command) };
  const { id } = await operations.start(again, { ...operator, idempotencyKey: 'night-shift' });
  const operation = await waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === 'done' && operation;
  }, 'it is done');
  expect(operation).toMatchObject({ total: 14, done: 14, outcomes: { applied: 14 } });
  expect(operation.items.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
  const { executions } = await stack.client.workflowService.listWorkflowExecutions({
    namespace: 'default',
    query: `WorkflowId = '${operationId(id)}'`,
  });
  expect(executions.length).toBeGreaterThanOrEqual(4);

  // The same request under the same key is the same operation; another one is a mistake.
  expect(await operations.start(again, { ...operator, idempotencyKey: 'night-shift' })).toEqual({ id });
  await expect(
    operations.start({ ...again, command: 'cancel' }, { ...operator, idempotencyKey: 'night-shift' }),
  ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
  const paged: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await operations.get(id, { limit: 5, ...(cursor !== '' && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(5);
    paged.push(...page.items.map(({ userId }) => userId));
    cursor = page.next ?? undefined;
  }
  expect(paged).toEqual(operation.items.map(({ userId }) => userId));
  await expect(operations.get(id, { cursor: 'nowhere' })).rejects.toMatchObject({ field: 'cursor' });
  expect((await operations.get(id, { cursor: '9-0' })).items).toEqual([]);
});

it('reports that an operation does not exist', async () => {
  const nothing = { code: 'not_found' };
  await expect(operations.get('x')).rejects.toMatchObject(nothing);
  await expect(operations.get('00000000-0000-0000-0000-000000000000')).rejects.toMatchObject(nothing);
  await expect(operations.stop('x', { reason: 'x' }, operator)).rejects.toMatchObject(nothing);
});

it('continues after its worker stops, without a repeated command', async () => {
  const users = await strand(12);
  const request = { command: 'retry', filter: stalled, expected: 12, perSecond: 4, reason: because } as const;
  const dryRunId = await makeDryRun(operations, request);
  const { id } = await operations.start({ ...request, dryRunId }, operator);
  await waitUntil(() => users.some((userId) => stack.sfox.outbox(userId).length > 0), 'it is under way');
  await stack.stopWorkers();
  expect(await operations.get(id)).toMatchObject({ state: 'running', total: 12 });
  await stack.startWorker();
  const over = await waitUntil(async () => {
    const operation = await operations.get(id);
    return operation.state === 'done' && operation;
  }, 'it is done');
  expect(over).toMatchObject({ done: 12, outcomes: { sends: 12 } });
  for (const userId of users) {
    await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect(stack.sfox.outbox(userId)).toHaveLength(1);
  }
});
