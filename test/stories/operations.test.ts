import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Operations } from '../../client/operations.ts';
import type { OperationRequest } from '../../client/ordering.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { journeyId } from '../../workflows/contract.ts';
import { operationId } from '../../workflows/operation/contract.ts';
import { MINUTE } from '../../workflows/policy.ts';
import { startHeldUp } from '../support/held-up.ts';
import { startOwnServer } from '../support/own-server.ts';
import {
  callsOf,
  enterCode,
  eventually,
  operator,
  quickPolicy,
  startStack,
  timelineOf,
  untilAt,
  user,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

let stack: Stack;
let operations: Operations;
beforeEach(async () => {
  stack = await startStack({ address: server.address });
  operations = new Operations(stack);
});
afterEach(async () => {
  // The lists are the whole namespace's.
  const { items } = await stack.onward.list({}, 200);
  for (const { userId } of items)
    await stack.client.workflow
      .getHandle(`onboarding:${userId}`)
      .terminate()
      .catch(() => {});
  await eventually(async () => (await stack.onward.summary()).steps.stalled === 0, 'nobody is left');
  await stack.close();
});

const because = 'the provider lost our codes';
const stalled = { step: 'stalled' } as const;

async function strand(count: number, labels = ''): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => user(`bulk${nth}`, labels));
  for (const userId of users) stack.sfox.script(userId, 'send', [{ status: 503 }]);
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  await eventually(async () => {
    const { items } = await stack.onward.list(stalled, 200);
    return users.every((userId) => items.some((item) => item.userId === userId));
  }, 'all of them are stalled');
  return users;
}

async function run(request: OperationRequest) {
  const { id } = await operations.start(request, operator);
  return eventually(async () => {
    const operation = await operations.get(id);
    return (operation.state === 'done' || operation.state === 'stopped') && operation;
  }, 'the operation is over');
}

it('tells every journey of a filter one command, and keeps what came of it by user', async () => {
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
    outcomes: { sends: 12, taken: 0, verified: 0, overLimit: 0, notNow: 0, unanswered: 0 },
    stopped: null,
    next: null,
  });
  expect(operation.items.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
  for (const userId of users) await untilAt(stack, userId, 'emailPending.awaitingCode');
  const told = (await timelineOf(stack, users[0] ?? '')).find(({ what }) => what === 'Retried');
  expect(told).toMatchObject({ by: 'operator night', reason: because });
  const listed = await eventually(async () => {
    const { items } = await operations.list();
    return items[0]?.state === 'done' && items;
  }, 'it is listed as done');
  expect(listed[0]).toMatchObject({ id: operation.id, command: 'retry', total: 12 });
});

it.each([
  ['another count than there is', { expected: 3 }, 'expected', /finds 2 journeys, not 3/],
  ['an empty filter', { filter: {} }, 'filter', /everybody/],
  ['a filter of nothing known', { filter: { state: undefined } }, 'filter', /everybody/],
  ['no reason', { reason: ' ' }, 'reason', /says why/],
  ['a reason that steers a terminal', { reason: '\u001b[2J' }, 'reason', /plain text/],
  ['no pace', { perSecond: 0 }, 'perSecond', /above 0/],
  ['a command that is none for many', { command: 'override' }, 'command', /one of/],
] as const)('refuses %s', async (_, wrong, field, message) => {
  await strand(2);
  const request = { command: 'retry', filter: stalled, expected: 2, reason: because, ...wrong } as OperationRequest;
  await expect(operations.start(request, operator)).rejects.toMatchObject({
    code: 'bad_request',
    field,
    message: expect.stringMatching(message),
  });
});

it('says in a dry run what then happens, by each journey, and tells nobody anything', async () => {
  const limited = stack.facade({ policy: { ...quickPolicy, cooldowns: [30 * MINUTE] } });
  const [waits, cools, done, cancelled, locked, paused] = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => user(name));
  const everybody = [waits, cools, done, cancelled, locked, paused].map((userId) => userId ?? '');
  for (const [nth, userId] of everybody.entries()) {
    await (nth === 1 ? limited : stack.onward).start(userId, { accountType: 'business' });
    await untilAt(stack, userId, 'emailPending.awaitingCode');
  }
  await enterCode(stack, done ?? '', 'email');
  await stack.onward.cancel(cancelled ?? '', { reason: 'test' }, operator);
  await stack.onward.pause(paused ?? '', { reason: 'test' }, operator);
  await untilAt(stack, done ?? '', 'done');
  await untilAt(stack, cancelled ?? '', 'cancelled');
  const filter = { accountType: 'business' } as const;
  const expected = await eventually(async () => {
    const { items } = await stack.onward.list(filter, 200);
    return items.filter(({ state }) => state === 'done').length === 1 && items.length;
  }, 'all of them are listed');

  const before = stack.sfox.requests().length;
  const request = { command: 'resend', filter, expected, perSecond: 50, reason: because } as const;
  const dry = await run({ ...request, dryRun: true });
  expect(dry).toMatchObject({ dryRun: true, outcomes: { sends: 2, overLimit: 1, verified: 1, unanswered: 0 } });
  expect(stack.sfox.requests()).toHaveLength(before);
  const by = new Map(dry.items.map((item) => [item.userId, item]));
  expect(by.get(waits ?? '')).toMatchObject({ outcome: 'sends', until: null, why: null });
  expect(by.get(cools ?? '')).toMatchObject({ outcome: 'overLimit', until: expect.any(String) });
  expect(by.get(done ?? '')).toMatchObject({ outcome: 'verified' });
  expect(by.get(cancelled ?? '')).toMatchObject({ outcome: 'notNow', why: 'resend is not allowed in cancelled' });
  expect(by.get(paused ?? '')).toMatchObject({
    outcome: 'notNow',
    why: 'resend is not allowed in emailPending.paused',
  });

  const real = await run(request);
  expect(real.items).toEqual(dry.items);
  expect(real.outcomes).toEqual(dry.outcomes);
  await untilAt(stack, waits ?? '', 'emailPending.awaitingCode');
  expect(callsOf(stack, waits ?? '')).toEqual(['send email 200', 'send email 200']);
});

it('sends once to everybody when two operators press the same button', async () => {
  const users = Array.from({ length: 10 }, (_, nth) => user(`twice${nth}`));
  await Promise.all(users.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  for (const userId of users) await untilAt(stack, userId, 'emailPending.awaitingCode');
  const filter = { state: 'emailPending' } as const;
  await eventually(async () => (await stack.onward.list(filter, 200)).items.length === 10, 'all of them are listed');
  const request = { command: 'resend', filter, expected: 10, perSecond: 5, reason: because } as const;
  const [first, second] = await Promise.all([
    run(request),
    operations
      .start(request, { ...operator, name: 'day' })
      // And once more by somebody who presses it while the others are at work.
      .then(() => new Promise((wake) => setTimeout(wake, 1_200)))
      .then(() => run(request)),
  ]);
  expect(first?.state).toBe('done');
  expect(second?.state).toBe('done');
  for (const userId of users) {
    await untilAt(stack, userId, 'emailPending.awaitingCode');
    expect(stack.sfox.outbox(userId)).toHaveLength(2);
  }
  expect(second?.outcomes.sends).toBeLessThan(10);
  expect(second?.items.find(({ outcome }) => outcome === 'notNow')?.why).toMatch(
    /a code has been sent since|not allowed in emailPending.sending/,
  );
});

it('stops within seconds, and says who stopped it and why', async () => {
  await strand(12);
  const { id } = await operations.start(
    { command: 'retry', filter: stalled, expected: 12, perSecond: 1, reason: because },
    operator,
  );
  expect(await operations.get(id)).toMatchObject({ state: 'running', done: 0, items: [] });
  await eventually(async () => (await operations.get(id)).total === 12, 'they have been gathered');
  await operations.stop(id, { reason: 'wrong people' }, { ...operator, name: 'day' });
  await eventually(async () => (await operations.get(id)).state !== 'running', 'it has heard of it');
  const over = await eventually(async () => {
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

it('goes on past a journey that no worker can go on with', async () => {
  const heldUp = await startHeldUp(stack);
  const users = await strand(3);
  const over = await run({ command: 'retry', filter: stalled, expected: 4, reason: because });
  expect(over).toMatchObject({ state: 'done', done: 4, outcomes: { sends: 3, unanswered: 1 } });
  for (const userId of users) await untilAt(stack, userId, 'emailPending.awaitingCode');
  await stack.client.workflow.getHandle(journeyId(heldUp)).terminate();
});

it('continues as new again and again, and still tells what came of it page by page', async () => {
  const users = await strand(14);
  operations = new Operations({ ...stack, sizes: { page: 3, pages: 2, batches: 2 } });
  const { id } = await operations.start(
    { command: 'pause', filter: stalled, expected: 14, perSecond: 20, reason: because },
    { ...operator, idempotencyKey: 'night-shift' },
  );
  const operation = await eventually(async () => {
    const operation = await operations.get(id);
    return operation.state === 'done' && operation;
  }, 'it is done');
  expect(operation).toMatchObject({ total: 14, done: 14, outcomes: { taken: 14 } });
  expect(operation.items.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
  const { executions } = await stack.client.workflowService.listWorkflowExecutions({
    namespace: 'default',
    query: `WorkflowId = '${operationId(id)}'`,
  });
  expect(executions.length).toBeGreaterThanOrEqual(4);

  // The same request under the same key is the same operation; another one is a mistake.
  const again = { command: 'pause', filter: stalled, expected: 14, perSecond: 20, reason: because } as const;
  expect(await operations.start(again, { ...operator, idempotencyKey: 'night-shift' })).toEqual({ id });
  await expect(
    operations.start({ ...again, command: 'cancel' }, { ...operator, idempotencyKey: 'night-shift' }),
  ).rejects.toMatchObject({ code: 'key_reused' });
  const paged: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const page = await operations.get(id, { limit: 5, ...(cursor !== '' && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(5);
    paged.push(...page.items.map(({ userId }) => userId));
    cursor = page.next ?? undefined;
  }
  expect(paged).toEqual(operation.items.map(({ userId }) => userId));
  await expect(operations.get(id, { cursor: 'nowhere' })).rejects.toMatchObject({ field: 'cursor' });
  expect((await operations.get(id, { cursor: '9.0' })).items).toEqual([]);
});

it('knows nothing of an operation that was never ordered', async () => {
  const nothing = { code: 'not_found' };
  await expect(operations.get('x')).rejects.toMatchObject(nothing);
  await expect(operations.get('00000000-0000-0000-0000-000000000000')).rejects.toMatchObject(nothing);
  await expect(operations.stop('x', { reason: 'x' }, operator)).rejects.toMatchObject(nothing);
});

it('goes on when its worker closes, and tells nobody twice', async () => {
  const users = await strand(12);
  const { id } = await operations.start(
    { command: 'retry', filter: stalled, expected: 12, perSecond: 4, reason: because },
    operator,
  );
  await eventually(() => users.some((userId) => stack.sfox.outbox(userId).length > 0), 'it is under way');
  await stack.stopWorkers();
  expect(await operations.get(id)).toMatchObject({ state: 'running', total: 12 });
  await stack.startWorker();
  const over = await eventually(async () => {
    const operation = await operations.get(id);
    return operation.state === 'done' && operation;
  }, 'it is done');
  expect(over).toMatchObject({ done: 12, outcomes: { sends: 12 } });
  for (const userId of users) {
    await untilAt(stack, userId, 'emailPending.awaitingCode');
    expect(stack.sfox.outbox(userId)).toHaveLength(1);
  }
});
