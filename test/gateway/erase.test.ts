import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { enterCode, eventually, operator, untilAt, user } from '../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway?.close());

const erase = (id: string) =>
  gateway.call('DELETE', `/v1/users/${id}`, { as: 'operator', body: { reason: 'the user asked for it' } });

/** Every execution that Temporal has of a user. */
async function kept(id: string) {
  const found = [];
  for await (const { runId } of gateway.stack.client.workflow.list({ query: `WorkflowId = 'onboarding:${id}'` })) {
    found.push(runId);
  }
  return found;
}

it('leaves nothing of an open journey, of one that was restarted and of one that is done', async () => {
  const { stack } = gateway;
  const [ada, bo, cy] = [user('ada'), user('bo'), user('cy')];
  const neighbour = `${ada}:1`;
  for (const id of [ada, bo, neighbour]) await stack.onward.start(id, { accountType: 'individual' });
  await stack.onward.start(cy, { accountType: 'business' });
  await untilAt(stack, ada, 'emailPending.awaitingCode');
  await untilAt(stack, bo, 'emailPending.awaitingCode');
  await stack.onward.cancel(bo, { reason: 'x' }, operator);
  await stack.onward.restart(bo, { reason: 'x' }, operator);
  await untilAt(stack, cy, 'emailPending.awaitingCode');
  await enterCode(stack, cy, 'email');
  await untilAt(stack, cy, 'done');
  await eventually(async () => (await kept(neighbour)).length === 1, 'it is listed');

  const answers = await Promise.all([ada, bo, cy].map(erase));
  expect(answers.map(({ status, body }) => [status, body])).toEqual(
    [ada, bo, cy].map((userId) => [200, { userId, erased: true }]),
  );
  for (const id of [ada, bo, cy]) {
    expect(await kept(id)).toEqual([]);
    expect(await gateway.call('GET', `/v1/users/${id}/onboarding`)).toMatchObject({ status: 404 });
    expect(await erase(id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  }
  expect(await kept(neighbour)).toHaveLength(1);
  expect((await stack.onward.status(neighbour)).state).toBe('emailPending');

  const tombstones = gateway.logged.filter((line) => line.includes('"audit":"erase"') && line.includes('"status":200'));
  expect(tombstones).toHaveLength(3);
  for (const line of tombstones) for (const id of [ada, bo, cy]) expect(line).not.toContain(id);
});

it('is for operators alone', async () => {
  const answer = await gateway.call('DELETE', '/v1/users/ada', { body: { reason: 'x' } });
  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});
