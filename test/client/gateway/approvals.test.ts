import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { digestOf } from '../../../client/gateway/plugins/tokens.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';

const SECOND = 'token-of-a-second-operator';
const reason = 'sFOX was away';

let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  // The blockers are the whole namespace's.
  server = await startOwnServer();
  const operators = Object.entries({ asker: bearers.operator, approver: SECOND });
  gateway = await startGateway(
    { address: server.address, onward: { approvals: { above: 1, within: 3_600_000 } } },
    {
      tokens: [
        ...operators.map(([name, token]) => ({ role: 'operator' as const, name, digest: digestOf(token) })),
        { role: 'viewer', name: 'watcher', digest: digestOf(bearers.viewer) },
      ],
    },
  );
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
});

const ask = (method: string, path: string, body?: object) =>
  gateway.call(method, path, { as: 'operator', ...(body && { body }) });
const askAsSecond = (method: string, path: string, body?: object) =>
  gateway.call(method, path, { ...(body && { body }), headers: { authorization: `Bearer ${SECOND}` } });

const untilState = (id: string, state: string) =>
  waitUntil(async () => {
    const { body } = await ask('GET', `/v1/operations/${id}`);
    return body.state === state && body;
  }, `the operation is ${state}`);

/** Starts two journeys, and asks to pause both. */
async function askToPause() {
  const userIds = [uniqueUserId('one'), uniqueUserId('two')];
  const { onward } = gateway.stack;
  await Promise.all(userIds.map((userId) => onward.start(userId, { accountType: 'individual' })));
  for (const userId of userIds) await waitForPosition(gateway.stack, userId, 'emailPending.awaitingCode');
  const request = { command: 'pause', filter: { userIds }, expected: 2, reason };
  const dryRun = await ask('POST', '/v1/operations', { ...request, dryRun: true });
  await untilState(dryRun.body.id, 'done');
  const { body } = await ask('POST', '/v1/operations', { ...request, dryRunId: dryRun.body.id });
  return untilState(body.id, 'awaitingApproval');
}

const blocker = async () => {
  const { body } = await gateway.call('GET', '/v1/journeys/summary', { as: 'viewer' });
  return body.blockers.find(({ kind }: { kind: string }) => kind === 'approval');
};

it('asks for the approval of another operator, shows that it waits, and records who asked and who approved', async () => {
  const operation = await askToPause();
  const { id, digest } = operation;
  expect(operation).toMatchObject({ by: { name: 'asker' }, approval: { above: 1, decision: null }, total: null });
  const waiting = await waitUntil(async () => {
    const { description, since, action } = await blocker();
    return description !== null && { description, since, action };
  }, 'the summary names it');
  expect(waiting).toMatchObject({ since: operation.at, action: expect.stringContaining(id) });
  expect(waiting.description).toContain('pause for 2 journeys, asked for by asker');

  const path = `/v1/operations/${id}/approve`;
  expect(await ask('POST', path, { digest, reason })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  const viewer = await gateway.call('POST', path, { as: 'viewer', body: { digest, reason } });
  expect(viewer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('operator') } });
  expect(await askAsSecond('POST', path, { digest: 'other', reason })).toMatchObject({
    status: 400,
    body: { field: 'digest' },
  });
  const approved = await askAsSecond('POST', path, { digest, reason: 'seen with support' });
  expect(approved).toMatchObject({ status: 200, body: { approval: { decision: { by: { name: 'approver' } } } } });
  expect(await untilState(id, 'done')).toMatchObject({ results: { applied: 2 } });
  expect(await askAsSecond('POST', path, { digest, reason })).toMatchObject({
    status: 409,
    body: { code: 'not_awaiting_approval' },
  });
  await waitUntil(async () => (await blocker()).description === null, 'the summary does not name it any more');

  const lines = gateway.logged.filter((line) => line.includes('"audit":"approveOperation"') && line.includes(id));
  const outcomes = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ status }) => status === 200);
  expect(outcomes).toMatchObject([
    { phase: 'outcome', by: { name: 'approver' }, subject: id, reason: 'seen with support', parameters: { digest } },
  ]);
  const { body } = await waitUntil(async () => {
    const acts = await gateway.call('GET', '/v1/acts?act=approveOperation&result=applied', { as: 'viewer' });
    return acts.body.items.length > 0 && acts;
  }, 'the act is listed');
  expect(body.items).toMatchObject([
    { act: 'approveOperation', by: { name: 'approver' }, subject: id, parameters: { digest } },
  ]);
});

it('rejects an operation, which then sends nothing', async () => {
  const { id, digest, filter } = await askToPause();
  expect(await ask('POST', `/v1/operations/${id}/reject`, { digest, reason })).toMatchObject({ status: 403 });
  const rejected = await askAsSecond('POST', `/v1/operations/${id}/reject`, { digest, reason: 'too many' });
  expect(rejected).toMatchObject({ status: 200, body: { approval: { decision: { decision: 'rejected' } } } });
  expect(await untilState(id, 'rejected')).toMatchObject({ done: 0, note: 'no command was sent' });
  for (const userId of filter.userIds) await waitForPosition(gateway.stack, userId, 'emailPending.awaitingCode');
});

it('answers 404 for an operation that does not exist', async () => {
  const path = '/v1/operations/0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7/approve';
  expect(await askAsSecond('POST', path, { digest: 'none', reason })).toMatchObject({ status: 404 });
});
