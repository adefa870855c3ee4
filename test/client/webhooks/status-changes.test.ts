import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Webhook } from 'standardwebhooks';
import { checkWebhooks } from '../../../client/doctor/webhook-checks.ts';
import { startDelivery, webhookIdOf } from '../../../client/webhooks/webhooks.ts';
import { deliveryId } from '../../../workflows/contract.ts';
import type { Status } from '../../../workflows/journey/status/status.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startReceiver } from '../../support/receiver.ts';
import type { TestReceiver } from '../../support/receiver.ts';
import { enterCode, waitUntil, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import { inventStatus, receiverSecret } from '../../support/undelivered.ts';

let receiver: TestReceiver;
let gateway: Gateway;
beforeAll(async () => {
  receiver = await startReceiver();
  gateway = await startGateway({
    worker: { receiver: { url: receiver.url, secret: receiverSecret } },
    onward: { notifyReceiver: true },
  });
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

/** The deliveries about a user, in their order of arrival. */
const deliveriesOf = (userId: string) =>
  receiver.received
    .map(({ headers, body }) => ({ headers, change: JSON.parse(body) as Change }))
    .filter(({ change }) => change.data.userId === userId);

const undelivered = async (userId: string) => {
  const { body } = await gateway.call('GET', '/v1/webhooks?limit=200', { as: 'viewer' });
  return (body.items as { id: string; userId: string; state: string; attempts: number }[]).filter(
    (item) => item.userId === userId,
  );
};

const describeOf = async (status: Status) =>
  (await gateway.stack.client.workflow.getHandle(deliveryId(status)).describe()).status.name;

it('sends every change of a journey, signed, until its end', async () => {
  const { stack } = gateway;
  const ada = uniqueUserId('ada', '.business');
  await stack.onward.start(ada, { accountType: 'business' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  await enterCode(stack, ada, 'email');
  const { revision } = await waitForPosition(stack, ada, 'done');
  await waitUntil(() => deliveriesOf(ada).length === revision, 'every revision was delivered');

  const delivered = deliveriesOf(ada).toSorted((a, b) => (a.change.data.revision ?? 0) - (b.change.data.revision ?? 0));
  expect(delivered.map(({ change }) => change.data.revision)).toEqual(
    Array.from({ length: revision ?? 0 }, (_, n) => n + 1),
  );
  expect(delivered.at(-1)?.change).toMatchObject({
    type: 'onboarding.status.changed',
    data: { state: 'done', allowed: {} },
  });
  const commands = delivered.flatMap(({ change }) => Object.keys(change.data.allowed ?? {}));
  expect([...new Set(commands)].toSorted()).toEqual(['recheck', 'resend', 'submitCode']);
  for (const { headers, body } of receiver.received) {
    expect(() => new Webhook(receiverSecret).verify(body, headers)).not.toThrow();
    expect(headers['webhook-id']).toMatch(/^msg_[A-Za-z0-9_-]+$/);
  }
  expect(new Set(delivered.map(({ headers }) => headers['webhook-id'])).size).toBe(delivered.length);
});

it('sends them as the OpenAPI document describes', async () => {
  const { stack } = gateway;
  const ed = uniqueUserId('ed', '.business');
  await stack.onward.start(ed, { accountType: 'business' });
  await waitForPosition(stack, ed, 'emailPending.awaitingCode');
  await waitUntil(() => deliveriesOf(ed).length === 2, 'the change was delivered');
  const { body: document } = await gateway.call('GET', '/openapi.json', { as: null });
  const { post } = document.webhooks['onboarding.status.changed'];
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const pointer = '/webhooks/onboarding.status.changed/post/requestBody/content/application~1json/schema';
  const fits = ajv.compile({ $ref: `openapi#${pointer}` });
  for (const { headers, change } of deliveriesOf(ed)) {
    expect({ fits: fits(change), errors: fits.errors }).toEqual({ fits: true, errors: null });
    for (const { name } of post.parameters) expect(headers).toHaveProperty([name]);
  }
  expect(fits({ type: 'onboarding.status.changed', timestamp: 'now', data: {} })).toBe(false);
});

it("is sent by the journey's own worker, without the task queue", async () => {
  const { stack } = gateway;
  const di = uniqueUserId('di', '.business');
  await stack.onward.start(di, { accountType: 'business' });
  const handle = stack.client.workflow.getHandle(
    deliveryId(await waitForPosition(stack, di, 'emailPending.awaitingCode')),
  );
  const { events } = await waitUntil(
    () => handle.fetchHistory().catch(() => undefined),
    'the delivery workflow has started',
  );
  expect(events?.[0]?.workflowExecutionStartedEventAttributes).toMatchObject({ eagerExecutionAccepted: true });
});

it('does not block a journey while the receiver is down, and is resent with the same id', async () => {
  const { stack } = gateway;
  const bo = uniqueUserId('bo', '.business');
  receiver.answer(503);
  try {
    await stack.onward.start(bo, { accountType: 'business' });
    await waitForPosition(stack, bo, 'emailPending.awaitingCode');
    await enterCode(stack, bo, 'email');
    await waitForPosition(stack, bo, 'done');
    await waitUntil(async () => (await undelivered(bo)).some(({ attempts }) => attempts > 0), 'they are listed');
  } finally {
    receiver.answer(204);
  }
  const { revision } = await stack.onward.status(bo);
  const before = new Set(deliveriesOf(bo).map(({ headers }) => headers['webhook-id']));
  for (const { id } of await undelivered(bo)) {
    const answer = await gateway.call('POST', `/v1/webhooks/${id}/resend`, { as: 'operator' });
    expect(answer).toMatchObject({ status: 202, body: { id } });
  }
  await waitUntil(async () => (await undelivered(bo)).length === 0, 'nothing is undelivered any more');
  const after = new Set(deliveriesOf(bo).map(({ headers }) => headers['webhook-id']));
  expect(after.size).toBe(revision);
  expect([...before].filter((id) => !after.has(id))).toEqual([]);
});

describe('a change', () => {
  it('is given up after the last attempt, listed, and sent again on demand', async () => {
    const { stack } = gateway;
    const status = inventStatus(uniqueUserId('cy:with:colons'));
    receiver.answer(302);
    try {
      await startDelivery(stack.client, status, { taskQueue: stack.taskQueue, schedule: [0, 50, 50] });
      const [given] = await waitUntil(async () => {
        const items = await undelivered(status.userId);
        return items[0]?.state === 'givenUp' && items;
      }, 'it is given up');
      expect(given).toEqual({
        id: webhookIdOf(deliveryId(status)),
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
    const delivered = deliveriesOf(status.userId).length;
    expect(delivered).toBe(3);
    await gateway.call('POST', `/v1/webhooks/${webhookIdOf(deliveryId(status))}/resend`, { as: 'operator' });
    await waitUntil(() => deliveriesOf(status.userId).length === delivered + 1, 'it was sent again');
    expect(new Set(deliveriesOf(status.userId).map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('is sent again with all others that match a filter, and is then listed no more', async () => {
    const { stack } = gateway;
    const userId = uniqueUserId('many');
    const statuses = [1, 2, 3].map((revision) => ({ ...inventStatus(userId), revision }));
    const other = inventStatus(`${userId}:longer`);
    receiver.answer(410);
    try {
      for (const status of [...statuses, other])
        await startDelivery(stack.client, status, { taskQueue: stack.taskQueue });
      await waitUntil(async () => {
        const listed = [...(await undelivered(userId)), ...(await undelivered(other.userId))];
        return listed.filter(({ state }) => state === 'givenUp').length === 4;
      }, 'all of them are given up');
    } finally {
      receiver.answer(204);
    }
    const body = { filter: { state: 'givenUp', userId }, perSecond: 50, reason: 'the receiver is back' };
    const answer = await gateway.call('POST', '/v1/webhooks/resend', { as: 'operator', body });
    const address = `/v1/operations/${answer.body.id}`;
    expect(answer).toMatchObject({ status: 202 });
    expect(answer.headers.get('location')).toBe(address);
    const operation = await waitUntil(async () => {
      const { body: read } = await gateway.call('GET', address, { as: 'viewer' });
      return read.state === 'done' && read;
    }, 'the operation is done');
    expect(operation).toMatchObject({
      command: 'resendWebhooks',
      webhooks: { state: 'givenUp', userId },
      results: { applied: 3, refused: 0, unanswered: 0 },
    });
    const items = operation.items as { webhook: { id: string } }[];
    expect(new Set(items.map(({ webhook }) => webhook.id))).toEqual(
      new Set(statuses.map((status) => webhookIdOf(deliveryId(status)))),
    );
    expect(deliveriesOf(userId)).toHaveLength(6);
    await waitUntil(async () => (await undelivered(userId)).length === 0, 'they are listed no more');
    expect(await undelivered(other.userId)).toHaveLength(1);
    const act = await waitUntil(async () => {
      const { body: acts } = await gateway.call('GET', `/v1/acts?userId=${userId}`, { as: 'viewer' });
      return acts.items[0];
    }, 'the act is listed');
    expect(act).toMatchObject({
      act: 'resendWebhooks',
      result: 'applied',
      reason: 'the receiver is back',
      parameters: { perSecond: 50 },
    });
    const refused = await gateway.call('POST', '/v1/webhooks/resend', {
      as: 'operator',
      body: { ...body, filter: {} },
    });
    expect(refused).toMatchObject({ status: 400, body: { field: 'filter' } });
    expect(await gateway.call('POST', '/v1/webhooks/resend', { as: 'viewer', body })).toMatchObject({ status: 403 });
  });

  it('raises a blocker, a metric and a finding of the doctor while it is given up', async () => {
    const { stack } = gateway;
    const status = inventStatus(uniqueUserId('found'));
    receiver.answer(410);
    try {
      await startDelivery(stack.client, status, { taskQueue: stack.taskQueue });
      await waitUntil(async () => (await undelivered(status.userId))[0]?.state === 'givenUp', 'it is given up');
    } finally {
      receiver.answer(204);
    }
    const { blockers } = await waitUntil(async () => {
      const { body } = await gateway.call('GET', '/v1/journeys/summary', { as: 'viewer' });
      return body.webhooks.givenUp > 0 && body;
    }, 'it is counted');
    expect(blockers).toContainEqual(
      expect.objectContaining({
        kind: 'webhooks',
        description: expect.stringMatching(/status changes were not delivered: \d+ given up/),
        action: expect.stringContaining('onward webhooks resend-all --state givenUp'),
      }),
    );
    const { body: metrics } = await gateway.call('GET', '/metrics', { as: 'viewer' });
    expect(metrics).toMatch(/onward_webhooks_undelivered\{state="givenUp"\} [1-9]/);
    expect(await checkWebhooks(stack.client)).toMatchObject({
      name: 'webhooks',
      ok: false,
      fix: expect.stringContaining('resend-all'),
    });
  });

  it('waits as long as the receiver says, and is given up at once after a 410', async () => {
    const { stack } = gateway;
    const [later, gone] = [inventStatus(uniqueUserId('later')), inventStatus(uniqueUserId('gone'))];
    try {
      receiver.answer(503, { 'retry-after': '600' });
      await startDelivery(stack.client, later, { taskQueue: stack.taskQueue, schedule: [0, 50, 50] });
      const [waiting] = await waitUntil(async () => {
        const items = await undelivered(later.userId);
        return (items[0]?.attempts ?? 0) > 0 && (items as { nextAttemptAt?: string }[]);
      }, 'it has failed once');
      const wait = Date.parse(waiting?.nextAttemptAt ?? '') - Date.now();
      expect(wait).toBeGreaterThan(570_000);
      expect(wait).toBeLessThanOrEqual(600_000);
      receiver.answer(410);
      await startDelivery(stack.client, gone, { taskQueue: stack.taskQueue, schedule: [0, 50, 50] });
      const [ended] = await waitUntil(async () => {
        const items = await undelivered(gone.userId);
        return items[0]?.state === 'givenUp' && items;
      }, 'it is given up');
      expect(ended).toMatchObject({
        attempts: 1,
        problem: 'the receiver answered 410, so it accepts no further deliveries',
      });
    } finally {
      receiver.answer(204);
    }
  });

  it('is sent again for each concurrent request, and once for an idempotency key', async () => {
    const { stack } = gateway;
    const status = inventStatus(uniqueUserId('twice'));
    await startDelivery(stack.client, status, { taskQueue: stack.taskQueue, schedule: [0] });
    await waitUntil(() => deliveriesOf(status.userId).length === 1, 'the change was delivered');
    const resend = (headers: Record<string, string> = {}) =>
      gateway.call('POST', `/v1/webhooks/${webhookIdOf(deliveryId(status))}/resend`, { as: 'operator', headers });
    await waitUntil(async () => (await describeOf(status)) === 'COMPLETED', 'it has ended');
    const answers = await Promise.all(Array.from({ length: 6 }, () => resend()));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 6 }, () => 202));
    await waitUntil(async () => (await describeOf(status)) === 'COMPLETED', 'it has ended again');
    const delivered = deliveriesOf(status.userId).length;
    expect(delivered).toBeGreaterThan(1);

    const key = { 'idempotency-key': 'once' };
    const keyed = await Promise.all(Array.from({ length: 4 }, () => resend(key)));
    expect(keyed.map((answer) => answer.status)).toEqual([202, 202, 202, 202]);
    await waitUntil(async () => (await describeOf(status)) === 'COMPLETED', 'it has ended');
    expect(await resend(key)).toMatchObject({ status: 202 });
    await waitUntil(async () => (await describeOf(status)) === 'COMPLETED', 'it has ended');
    expect(deliveriesOf(status.userId)).toHaveLength(delivered + 1);
    expect(await resend({ 'idempotency-key': 'another' })).toMatchObject({ status: 202 });
    await waitUntil(() => deliveriesOf(status.userId).length === delivered + 2, 'it was sent again under another key');
    expect(await resend(key)).toMatchObject({ status: 202 });
    await waitUntil(async () => (await describeOf(status)) === 'COMPLETED', 'it has ended');
    expect(deliveriesOf(status.userId)).toHaveLength(delivered + 2);
  });

  it('is rejected if it is unknown or its id is invalid', async () => {
    const unknown = webhookIdOf(deliveryId(inventStatus('unknown')));
    const resend = (id: string) => gateway.call('POST', `/v1/webhooks/${id}/resend`, { as: 'operator' });
    expect(await resend(unknown)).toMatchObject({
      status: 404,
      body: { code: 'not_found', detail: expect.stringMatching(/^no webhook/) },
    });
    expect(await resend('msg_nonsense')).toMatchObject({ status: 400, body: { field: 'id' } });
    expect(await gateway.call('POST', `/v1/webhooks/${unknown}/resend`)).toMatchObject({ status: 403 });
  });

  it('goes with its user when that is erased, and only then', async () => {
    const { stack } = gateway;
    const di = uniqueUserId('di');
    const neighbour = `${di}:1`;
    for (const id of [di, neighbour]) {
      await stack.onward.start(id, { accountType: 'individual' });
      await waitForPosition(stack, id, 'emailPending.awaitingCode');
      await waitUntil(() => deliveriesOf(id).length === 2, 'the change was delivered');
    }
    const changes = async (id: string) => {
      const found: string[] = [];
      for await (const { workflowId } of stack.client.workflow.list({ query: `WorkflowType = 'webhookDelivery'` })) {
        if (workflowId.startsWith(`onboarding-status:${id}:`) && !workflowId.startsWith(`onboarding-status:${id}:1:`)) {
          found.push(workflowId);
        }
      }
      return found;
    };
    await waitUntil(async () => (await changes(di)).length === 2, 'both are there');
    const erased = await gateway.call('DELETE', `/v1/users/${di}`, { as: 'operator', body: { reason: 'x' } });
    expect(erased).toMatchObject({ status: 200, body: { userId: di, erased: true } });
    expect(await changes(di)).toEqual([]);
    expect(await changes(neighbour)).toHaveLength(2);
  });
});
