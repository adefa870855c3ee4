import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Webhook } from 'standardwebhooks';
import { startTelling, webhookIdOf } from '../../client/webhooks.ts';
import { changeId } from '../../workflows/contract.ts';
import type { Status } from '../../workflows/status.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestReceiver } from '../support/receiver.ts';
import { enterCode, eventually, untilAt, user } from '../support/stack.ts';

const secret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;
let receiver: TestReceiver;
let gateway: Gateway;
beforeAll(async () => {
  receiver = await startReceiver();
  gateway = await startGateway({ worker: { receiver: { url: receiver.url, secret } }, onward: { tellsStatus: true } });
});
afterAll(async () => {
  await gateway?.close();
  await receiver?.close();
});

interface Change {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Status;
}

/** What the receiver was told of a user, as it came. */
const toldOf = (userId: string) =>
  receiver.received
    .map(({ headers, body }) => ({ headers, change: JSON.parse(body) as Change }))
    .filter(({ change }) => change.data.userId === userId);

const undelivered = async (userId: string) => {
  const { body } = await gateway.call('GET', '/v1/webhooks?limit=200', { as: 'viewer' });
  return (body.items as { id: string; userId: string; state: string; attempts: number }[]).filter(
    (item) => item.userId === userId,
  );
};

it('tells every change of a journey, signed, until its end', async () => {
  const { stack } = gateway;
  const ada = user('ada', '.business');
  await stack.onward.start(ada, { accountType: 'business' });
  await untilAt(stack, ada, 'emailPending.awaitingCode');
  await enterCode(stack, ada, 'email');
  const { revision } = await untilAt(stack, ada, 'done');
  await eventually(() => toldOf(ada).length === revision, 'every revision was told');

  const told = toldOf(ada).toSorted((a, b) => (a.change.data.revision ?? 0) - (b.change.data.revision ?? 0));
  expect(told.map(({ change }) => change.data.revision)).toEqual(
    Array.from({ length: revision ?? 0 }, (_, n) => n + 1),
  );
  expect(told.at(-1)?.change).toMatchObject({
    type: 'onboarding.status.changed',
    data: { state: 'done', allowed: {} },
  });
  const commands = told.flatMap(({ change }) => Object.keys(change.data.allowed ?? {}));
  expect([...new Set(commands)].toSorted()).toEqual(['recheck', 'resend', 'submitCode']);
  for (const { headers, body } of receiver.received) {
    expect(() => new Webhook(secret).verify(body, headers)).not.toThrow();
    expect(headers['webhook-id']).toMatch(/^msg_[A-Za-z0-9_-]+$/);
  }
  expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(told.length);
});

it('tells them as the OpenAPI document has them', async () => {
  const { stack } = gateway;
  const ed = user('ed', '.business');
  await stack.onward.start(ed, { accountType: 'business' });
  await untilAt(stack, ed, 'emailPending.awaitingCode');
  await eventually(() => toldOf(ed).length === 2, 'it was told');
  const { body: document } = await gateway.call('GET', '/openapi.json', { as: null });
  const { post } = document.webhooks['onboarding.status.changed'];
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const pointer = '/webhooks/onboarding.status.changed/post/requestBody/content/application~1json/schema';
  const fits = ajv.compile({ $ref: `openapi#${pointer}` });
  for (const { headers, change } of toldOf(ed)) {
    expect({ fits: fits(change), errors: fits.errors }).toEqual({ fits: true, errors: null });
    for (const { name } of post.parameters) expect(headers).toHaveProperty([name]);
  }
  expect(fits({ type: 'onboarding.status.changed', timestamp: 'now', data: {} })).toBe(false);
});

it('is told by the worker that the journey is on, with no way over the task queue', async () => {
  const { stack } = gateway;
  const di = user('di', '.business');
  await stack.onward.start(di, { accountType: 'business' });
  const handle = stack.client.workflow.getHandle(changeId(await untilAt(stack, di, 'emailPending.awaitingCode')));
  const { events } = await eventually(() => handle.fetchHistory().catch(() => undefined), 'the telling has begun');
  expect(events?.[0]?.workflowExecutionStartedEventAttributes).toMatchObject({ eagerExecutionAccepted: true });
});

it('holds no journey while the receiver is down, and is told again by the same id', async () => {
  const { stack } = gateway;
  const bo = user('bo', '.business');
  receiver.answer(503);
  try {
    await stack.onward.start(bo, { accountType: 'business' });
    await untilAt(stack, bo, 'emailPending.awaitingCode');
    await enterCode(stack, bo, 'email');
    await untilAt(stack, bo, 'done');
    await eventually(async () => (await undelivered(bo)).some(({ attempts }) => attempts > 0), 'they are listed');
  } finally {
    receiver.answer(204);
  }
  const { revision } = await stack.onward.status(bo);
  const before = new Set(toldOf(bo).map(({ headers }) => headers['webhook-id']));
  for (const { id } of await undelivered(bo)) {
    const answer = await gateway.call('POST', `/v1/webhooks/${id}/resend`, { as: 'operator' });
    expect(answer).toMatchObject({ status: 202, body: { id } });
  }
  await eventually(async () => (await undelivered(bo)).length === 0, 'nothing is undelivered any more');
  const after = new Set(toldOf(bo).map(({ headers }) => headers['webhook-id']));
  expect(after.size).toBe(revision);
  expect([...before].filter((id) => !after.has(id))).toEqual([]);
});

describe('a change', () => {
  const invent = (userId: string): Status => ({
    userId,
    accountType: 'individual',
    state: 'emailPending',
    step: 'sending',
    revision: 1,
    live: true,
    startedAt: new Date().toISOString(),
    updatedAt: null,
    expiresAt: null,
    email: null,
    sms: null,
    stalled: null,
    allowed: {},
  });

  it('is given up after the last attempt, listed, and sent again on demand', async () => {
    const { stack } = gateway;
    const status = invent(user('cy:with:colons'));
    receiver.answer(302);
    try {
      await startTelling(stack.client, status, { taskQueue: stack.taskQueue, schedule: [0, 50, 50] });
      const [given] = await eventually(async () => {
        const items = await undelivered(status.userId);
        return items[0]?.state === 'givenUp' && items;
      }, 'it is given up');
      expect(given).toEqual({
        id: webhookIdOf(changeId(status)),
        userId: status.userId,
        revision: 1,
        state: 'givenUp',
        attempts: 3,
        lastAttemptAt: expect.any(String),
        problem: 'the receiver answered 302',
        nextAttemptAt: null,
      });
    } finally {
      receiver.answer(204);
    }
    const told = toldOf(status.userId).length;
    expect(told).toBe(3);
    await gateway.call('POST', `/v1/webhooks/${webhookIdOf(changeId(status))}/resend`, { as: 'operator' });
    await eventually(() => toldOf(status.userId).length === told + 1, 'it was sent again');
    expect(new Set(toldOf(status.userId).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('that nobody knows, or whose id is none, is refused', async () => {
    const unknown = webhookIdOf(changeId(invent('nobody')));
    const resend = (id: string) => gateway.call('POST', `/v1/webhooks/${id}/resend`, { as: 'operator' });
    expect(await resend(unknown)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await resend('msg_nonsense')).toMatchObject({ status: 400, body: { field: 'id' } });
    expect(await gateway.call('POST', `/v1/webhooks/${unknown}/resend`)).toMatchObject({ status: 403 });
  });

  it('goes with its user when that is erased, and only then', async () => {
    const { stack } = gateway;
    const di = user('di');
    const neighbour = `${di}:1`;
    for (const id of [di, neighbour]) {
      await stack.onward.start(id, { accountType: 'individual' });
      await untilAt(stack, id, 'emailPending.awaitingCode');
      await eventually(() => toldOf(id).length === 2, 'it was told');
    }
    const changes = async (id: string) => {
      const found: string[] = [];
      for await (const { workflowId } of stack.client.workflow.list({ query: `WorkflowType = 'statusChange'` })) {
        if (workflowId.startsWith(`onboarding-status:${id}:`) && !workflowId.startsWith(`onboarding-status:${id}:1:`)) {
          found.push(workflowId);
        }
      }
      return found;
    };
    await eventually(async () => (await changes(di)).length === 2, 'both are there');
    const erased = await gateway.call('DELETE', `/v1/users/${di}`, { as: 'operator', body: { reason: 'x' } });
    expect(erased).toMatchObject({ status: 200, body: { userId: di, erased: true } });
    expect(await changes(di)).toEqual([]);
    expect(await changes(neighbour)).toHaveLength(2);
  });
});
