import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { UserEraser } from '../../../client/journeys/lifecycle/erase.ts';
import { fileAuditLog } from '../../../client/gateway/audit/audit-log.ts';
import { Notes } from '../../../client/operators/notes.ts';
import { memoId, memoKinds, memoPrefix, writeMemo } from '../../../client/operators/memo-store.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { enterCode, waitUntil, operator, quickPolicy, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let folder: string;
let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-erase-'));
  // A server of its own, since an operation here affects every individual of the namespace.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
});
afterAll(async () => {
  await gateway?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

const eraseAt = (where: Gateway, id: string) =>
  where.call('DELETE', `/v1/users/${id}`, { as: 'operator', body: { reason: 'the user asked for it' } });
const erase = (id: string) => eraseAt(gateway, id);

/** A provider that answers no request before `release`, and then accepts each. */
async function holdRequests() {
  let arrive = () => {};
  let release = () => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    arrive();
    request.resume();
    void released.then(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    apiKey: 'a-key-of-the-tests',
    arrived,
    release,
    count: () => count,
    close: async () => void (server.closeAllConnections(), server.close()),
  };
}

/** Every execution that Temporal has of a user. */
async function runIdsOf(id: string) {
  const found = [];
  for await (const { runId } of gateway.stack.client.workflow.list({ query: `WorkflowId = 'onboarding:${id}'` })) {
    found.push(runId);
  }
  return found;
}

it('leaves nothing of an open journey, of one that was restarted and of one that is done', async () => {
  const { stack } = gateway;
  const [ada, bo, cy] = [uniqueUserId('ada'), uniqueUserId('bo'), uniqueUserId('cy')];
  const neighbour = `${ada}:1`;
  for (const id of [ada, bo, neighbour]) await stack.onward.start(id, { accountType: 'individual' });
  await stack.onward.start(cy, { accountType: 'business' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  await waitForPosition(stack, bo, 'emailPending.awaitingCode');
  await stack.onward.cancel(bo, { reason: 'x' }, operator);
  await stack.onward.restart(bo, { reason: 'x' }, operator);
  await waitForPosition(stack, cy, 'emailPending.awaitingCode');
  await enterCode(stack, cy, 'email');
  await waitForPosition(stack, cy, 'done');
  await waitUntil(async () => (await runIdsOf(neighbour)).length === 1, 'it is listed');

  const answers = await Promise.all([ada, bo, cy].map(erase));
  expect(answers.map(({ status, body }) => [status, body])).toEqual(
    [ada, bo, cy].map((userId) => {
      const digest = createHash('sha256').update(userId).digest('hex');
      return [200, { userId, erased: true, digest, remains: expect.any(Array) }];
    }),
  );
  for (const id of [ada, bo, cy]) {
    expect(await runIdsOf(id)).toEqual([]);
    expect(await gateway.call('GET', `/v1/users/${id}/onboarding`)).toMatchObject({ status: 404 });
    expect(await erase(id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  }
  expect(await runIdsOf(neighbour)).toHaveLength(1);
  expect((await stack.onward.status(neighbour)).state).toBe('emailPending');

  const tombstones = gateway.logged.filter((line) => line.includes('"audit":"erase"') && line.includes('"status":200'));
  expect(tombstones).toHaveLength(3);
  for (const line of tombstones) expect(JSON.parse(line)).toMatchObject({ reason: 'the user asked for it' });
  for (const line of tombstones) for (const id of [ada, bo, cy]) expect(line).not.toContain(id);
});

it('is for operators only', async () => {
  const answer = await gateway.call('DELETE', '/v1/users/ada', { body: { reason: 'x' } });
  expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

it('deletes every bulk operation with the user in its filter or its outcomes', async () => {
  const { stack } = gateway;
  const [dot, other] = [uniqueUserId('dot', '.business'), uniqueUserId('other')];
  for (const id of [dot, other]) await stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(stack, dot, 'emailPending.awaitingCode');
  await waitForPosition(stack, other, 'emailPending.awaitingCode');
  const order = async (filter: Record<string, string>) => {
    const expected = (
      await gateway.call('GET', `/v1/journeys/count?${new URLSearchParams(filter).toString()}`, { as: 'viewer' })
    ).body.count;
    const body = { command: 'pause', filter, expected, dryRun: true, perSecond: 100, reason: 'to be sure' };
    const { body: begun } = await gateway.call('POST', '/v1/operations', { as: 'operator', body });
    const get = () => gateway.call('GET', `/v1/operations/${begun.id}`, { as: 'viewer' });
    await waitUntil(async () => (await get()).body.state === 'done', 'the operation is done');
    return get;
  };
  await waitUntil(
    async () => (await runIdsOf(dot)).length === 1 && (await runIdsOf(other)).length === 1,
    'both are listed',
  );
  const byFilter = await order({ userId: dot });
  const byOutcome = await order({ accountType: 'individual' });
  const ofOther = await order({ userId: other });
  expect((await byOutcome()).body.items.map(({ userId }: { userId: string }) => userId)).toContain(dot);

  expect(await erase(dot)).toMatchObject({ status: 200 });
  expect(await byFilter()).toMatchObject({ status: 404 });
  expect(await byOutcome()).toMatchObject({ status: 404 });
  expect(await ofOther()).toMatchObject({ status: 200, body: { filter: { userId: other } } });
  const { body } = await gateway.call('GET', '/v1/operations', { as: 'viewer' });
  expect(JSON.stringify(body)).not.toContain(dot);
});

/** A client whose visibility lists records only some time after it has listed nothing else. A listing meanwhile takes some time. */
function withLateRecords(client: Client, delay: number, listingTime: number): Client {
  let hiddenUntil = Infinity;
  const service = client.workflowService;
  const listWorkflowExecutions = async (request: Parameters<typeof service.listWorkflowExecutions>[0]) => {
    const page = await service.listWorkflowExecutions(request);
    if (request.query?.startsWith('WorkflowId = ') !== true || Date.now() > hiddenUntil) return page;
    if (hiddenUntil < Infinity) await pause(listingTime);
    const isRecord = ({ execution }: (typeof page.executions)[number]) =>
      execution?.workflowId?.startsWith(memoKinds.act.prefix) === true;
    page.executions = page.executions.filter((execution) => !isRecord(execution));
    if (page.executions.length === 0) hiddenUntil = Math.min(hiddenUntil, Date.now() + delay);
    return page;
  };
  const workflowService = new Proxy(service, {
    get: (target, name) =>
      name === 'listWorkflowExecutions' ? listWorkflowExecutions : (Reflect.get(target, name, target) as unknown),
  });
  return new Proxy(client, {
    get: (target, name) =>
      name === 'workflowService' ? workflowService : (Reflect.get(target, name, target) as unknown),
  });
}

it.each([
  ['fast', 0],
  ['slow', 2_200],
])('finds an act that visibility lists a second and a half late, with a %s server', async (_, listingTime) => {
  const { stack } = gateway;
  const late = uniqueUserId('late');
  await stack.onward.start(late, { accountType: 'individual' });
  await waitForPosition(stack, late, 'emailPending.awaitingCode');
  const act = memoId(memoKinds.act, late, randomUUID());
  await writeMemo(stack.client, memoKinds.act, act, { act: 'pause' });
  await new UserEraser(withLateRecords(stack.client, 1_500, listingTime), 120_000).erase(late);
  await expect(stack.client.workflow.getHandle(act).describe()).rejects.toThrow(WorkflowNotFoundError);
});

it('takes back a note that was written while the user was erased', async () => {
  const { onward, client } = gateway.stack;
  const noted = uniqueUserId('noted');
  await onward.start(noted, { accountType: 'individual' });
  await waitForPosition(gateway.stack, noted, 'emailPending.awaitingCode');
  const notes = new Notes(client, async (userId) => {
    await onward.status(userId);
    await onward.erase(userId);
  });
  await expect(notes.add(noted, 'asked for a callback', operator)).rejects.toMatchObject({ code: 'not_found' });
  const query = `WorkflowId STARTS_WITH '${memoPrefix(memoKinds.note, noted)}'`;
  await waitUntil(async () => (await client.workflow.count(query)).count === 0, 'no note is listed');
});

it('waits for a send that is in flight, and reports it if that takes too long', async () => {
  const provider = await holdRequests();
  const own = await startGateway({
    address: server.address,
    sfox: { apiKey: provider.apiKey },
    worker: { provider: { baseUrl: provider.url, apiKey: provider.apiKey } },
    policy: { ...quickPolicy, callTimeout: 60_000 },
  });
  try {
    const { stack } = own;
    const slow = uniqueUserId('slow');
    await stack.onward.start(slow, { accountType: 'individual' });
    await provider.arrived;
    await expect(new UserEraser(stack.client, 300).erase(slow)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/still in flight.*retry/),
    });
    await waitUntil(async () => (await runIdsOf(slow)).length === 1, 'the journey is listed');
    // Two at a time: neither says that the user is erased before the send has ended.
    const ended: number[] = [];
    const answers = [own, own].map(async (gateway) => {
      const status = await waitUntil(async () => {
        const answer = await eraseAt(gateway, slow);
        return answer.status !== 503 && answer.status;
      }, 'the erasure is verified');
      ended.push(status);
      return status;
    });
    await waitUntil(
      async () => own.logged.filter((line) => line.includes('"audit":"erase"')).length >= 2,
      'both began',
    );
    expect(ended).toEqual([]);
    provider.release();
    // An erasure that could not verify its end in time was answered 503, and finds nothing when it is repeated.
    for (const status of await Promise.all(answers)) expect([200, 404]).toContain(status);
    expect(provider.count()).toBe(1);
    expect(await runIdsOf(slow)).toEqual([]);
  } finally {
    provider.release();
    await own.close();
    await provider.close();
  }
});

describe('a gateway with an audit log in a file', () => {
  it('blanks the id in the lines before, and names the user by its digest', async () => {
    const path = join(folder, 'audit.log');
    const own = await startGateway({ address: server.address }, { auditLog: fileAuditLog('test', path) });
    try {
      const eve = uniqueUserId('eve');
      const reason = `${eve} asked for it`;
      const request = (method: string, at: string, body: object) => own.call(method, at, { as: 'operator', body });
      const users = `/v1/users/${eve}`;
      await own.call('POST', `${users}/onboarding`, { body: { accountType: 'individual' } });
      await waitForPosition(own.stack, eve, 'emailPending.awaitingCode');
      expect(await request('POST', `${users}/onboarding/pause`, { reason })).toMatchObject({ status: 202 });
      await request('POST', '/v1/operations', { command: 'pause', filter: { userId: eve }, expected: 7, reason });
      const before = await readFile(path, 'utf8');
      expect(before.split(eve).length).toBeGreaterThan(8);

      const { status, body } = await request('DELETE', users, { reason });
      expect(status).toBe(200);
      expect(body.digest).toBe(createHash('sha256').update(eve).digest('hex'));
      expect(body.remains.join()).toMatch(/^Audit logs of other gateways/);
      const after = await readFile(path, 'utf8');
      expect(after).not.toContain(eve);
      expect(after.startsWith(before.replaceAll(eve, '*'.repeat(eve.length)))).toBe(true);
      const lines = after
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.filter(({ digest, tombstone }) => (digest ?? tombstone) === body.digest)).toHaveLength(8);
      expect(lines.at(-1)).toMatchObject({ audit: 'erase', phase: 'outcome', status: 200, reason: '*** asked for it' });
    } finally {
      await own.close();
    }
  });

  it('leaves no id in acts and reasons about the user whose journey it superseded', async () => {
    const path = join(folder, 'superseded.log');
    const own = await startGateway({ address: server.address }, { auditLog: fileAuditLog('test', path) });
    try {
      const [old, next] = [uniqueUserId('old'), uniqueUserId('next')];
      const reason = `moved to ${next}`;
      await own.stack.onward.start(old, { accountType: 'individual' });
      await waitForPosition(own.stack, old, 'emailPending.awaitingCode');
      const supersede = { as: 'operator', body: { newUserId: next, reason } } as const;
      expect(await own.call('POST', `/v1/users/${old}/onboarding/supersede`, supersede)).toMatchObject({ status: 201 });
      expect((await readFile(path, 'utf8')).split(next).length).toBe(5);
      expect(await eraseAt(own, next)).toMatchObject({ status: 200 });
      expect(await readFile(path, 'utf8')).not.toContain(next);
      const acts = await waitUntil(async () => {
        const { items } = (await own.call('GET', `/v1/acts?userId=${old}`, { as: 'viewer' })).body;
        return items.length === 1 && items;
      }, 'the act is listed');
      expect(acts).toMatchObject([{ act: 'supersede', userId: old, reason: 'moved to ***' }]);
      expect(JSON.stringify(acts)).not.toContain(next);
    } finally {
      await own.close();
    }
  });
});
