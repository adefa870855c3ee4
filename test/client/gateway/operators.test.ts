import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setup } from '../../../client/temporal/setup.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { startGateway } from '../../support/gateway.ts';
import type { Ask, Gateway } from '../../support/gateway.ts';
import { NEVER_BY_ITSELF } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { callsOf, waitUntil, quickPolicy, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  // Operations and recovery are the whole namespace's.
  server = await startOwnServer();
  gateway = await startGateway({ policy: quickPolicy, address: server.address });
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
});

const ask = (method: string, path: string, body?: object, more: Ask = {}) =>
  gateway.call(method, path, { as: 'operator', ...(body && { body }), ...more });
const reason = 'sFOX was away';

async function strand(count: number): Promise<string[]> {
  const users = Array.from({ length: count }, (_, nth) => uniqueUserId(`held${nth}`));
  gateway.stack.sfox.outage(true);
  await Promise.all(users.map((id) => gateway.stack.onward.start(id, { accountType: 'individual' })));
  for (const id of users) await waitForPosition(gateway.stack, id, 'emailPending.stalled');
  await waitUntil(
    async () => (await ask('GET', '/v1/journeys?step=stalled')).body.items.length === count,
    'all of them are listed',
  );
  gateway.stack.sfox.outage(false);
  return users;
}

async function untilOver(id: string) {
  return waitUntil(async () => {
    const { body } = await ask('GET', `/v1/operations/${id}`, undefined, { as: 'viewer' });
    return (body.state === 'done' || body.state === 'stopped') && body;
  }, 'the operation is over');
}

describe('the routes of bulk operations', () => {
  it('report the expected results first, are carried out once, and record the operator and the reason', async () => {
    const users = await strand(3);
    const retry = { command: 'retry', filter: { step: 'stalled' }, expected: 3, perSecond: 50, reason };
    const dry = await ask('POST', '/v1/operations', { ...retry, dryRun: true });
    expect(dry).toMatchObject({ status: 202, body: { id: expect.any(String) } });
    expect(await untilOver(dry.body.id)).toMatchObject({ dryRun: true, outcomes: { sends: 3 }, done: 3 });
    for (const id of users) expect(callsOf(gateway.stack, id).every((call) => call === 'send email 503')).toBe(true);

    const carryOut = { ...retry, dryRunId: dry.body.id };
    const headers = { 'idempotency-key': 'the-button' };
    expect(await ask('POST', '/v1/operations', retry)).toMatchObject({ status: 400, body: { field: 'dryRunId' } });
    const first = await ask('POST', '/v1/operations', carryOut, { headers });
    expect(await ask('POST', '/v1/operations', carryOut, { headers })).toMatchObject({ status: 202, body: first.body });
    expect(first.headers.get('location')).toBe(`/v1/operations/${first.body.id}`);
    const other = await ask('POST', '/v1/operations', { ...carryOut, reason: 'another' }, { headers });
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const done = await untilOver(first.body.id);
    expect(done).toMatchObject({
      ...carryOut,
      state: 'done',
      by: { role: 'operator', name: 'operator-name' },
      next: null,
    });
    expect(done.items.map(({ userId }: { userId: string }) => userId).toSorted()).toEqual(users.toSorted());
    for (const id of users) await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');

    const { body } = await ask('GET', '/v1/operations?limit=1', undefined, { as: 'viewer' });
    expect(body).toMatchObject({ items: [{ id: first.body.id }], next: expect.any(String) });
    const audited = gateway.logged.find((line) => line.includes('"audit":"operation"') && line.includes(first.body.id));
    expect(JSON.parse(audited ?? '{}')).toMatchObject({
      by: { role: 'operator', name: 'operator-name' },
      reason,
      parameters: { command: 'retry', filter: { step: 'stalled' }, expected: 3, dryRunId: dry.body.id },
    });
  });

  it('stop one that is under way', async () => {
    await strand(4);
    const slow = { command: 'retry', filter: { step: 'stalled' }, expected: 4, perSecond: 0.2, reason };
    const dry = await ask('POST', '/v1/operations', { ...slow, perSecond: 50, dryRun: true });
    await untilOver(dry.body.id);
    const { body } = await ask('POST', '/v1/operations', { ...slow, dryRunId: dry.body.id });
    const stopping = await ask('POST', `/v1/operations/${body.id}/stop`, { reason: 'wrong filter' });
    expect(stopping).toMatchObject({ status: 202, body: { state: expect.stringMatching(/running|stopp/) } });
    const stopped = await untilOver(body.id);
    expect(stopped).toMatchObject({ state: 'stopped', stopped: { reason: 'wrong filter', by: { role: 'operator' } } });
    expect(stopped.done).toBeLessThan(4);
  });

  it.each([
    ['an empty filter', { filter: {} }, 'filter'],
    ['another count', { expected: 999 }, 'expected'],
    ['an unknown field in the filter', { filter: { mood: 'bad' } }, 'filter.mood'],
    ['an unknown command', { command: 'erase' }, 'command'],
    ['no reason', { reason: ' ' }, 'reason'],
    ['a pace of nothing', { perSecond: 0 }, 'perSecond'],
    ['a real run without a dry run', { dryRun: false }, 'dryRunId'],
    ['a user id that is none', { filter: { userId: 'ada@example.test' } }, 'filter.userId'],
    ['a selection with an address', { filter: { userIds: ['ada', 'bo@example.test'] } }, 'filter.userIds.1'],
    ['an empty selection', { filter: { userIds: [] } }, 'filter.userIds'],
  ])('refuse %s, and name the field', async (_, wrong, field) => {
    const request = { command: 'retry', filter: { state: 'smsPending' }, expected: 1, dryRun: true, reason, ...wrong };
    expect(await ask('POST', '/v1/operations', request)).toMatchObject({ status: 400, body: { field } });
  });

  it('return 404 for an unknown operation, and reject a viewer who starts one', async () => {
    expect(await ask('GET', '/v1/operations/none')).toMatchObject({ status: 404 });
    expect(await ask('POST', '/v1/operations/none/stop', { reason })).toMatchObject({ status: 404 });
    expect(await ask('POST', '/v1/operations', {}, { as: 'viewer' })).toMatchObject({ status: 403 });
    expect(await ask('GET', '/v1/operations', undefined, { as: 'app' })).toMatchObject({ status: 403 });
  });
});

describe('the routes of recovery', () => {
  it('say that there is none before the setup', async () => {
    expect(await ask('GET', '/v1/recovery')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('setup') },
    });
    expect(await ask('POST', '/v1/recovery/trigger', { reason })).toMatchObject({ status: 404 });
  });

  it('show it, pause it, resume it, and have it begin', async () => {
    const { stack } = gateway;
    const settings = { every: NEVER_BY_ITSELF, perSecond: 20, upToPerSecond: 20 };
    await setup(stack.client, { recovery: settings, taskQueue: stack.taskQueue });
    const idle = await ask('GET', '/v1/recovery', undefined, { as: 'viewer' });
    expect(idle).toMatchObject({ status: 200, body: { state: 'idle', settings, run: null } });
    const paused = await ask('POST', '/v1/recovery/pause', { reason });
    const by = { role: 'operator', name: 'operator-name' };
    expect(paused).toMatchObject({ status: 202, body: { state: 'paused', acts: { paused: { by, reason } } } });
    const metric = async () => (await ask('GET', '/metrics')).body as string;
    await waitUntil(async () => (await metric()).includes('onward_recovery_paused 1'), 'the metric shows it');
    const resumed = await ask('POST', '/v1/recovery/resume', { reason });
    await waitUntil(async () => (await metric()).includes('onward_recovery_paused 0'), 'the metric shows it');
    expect(resumed).toMatchObject({ status: 202, body: { state: 'idle', nextRunAt: expect.any(String) } });
    const triggered = await ask('POST', '/v1/recovery/trigger', { reason: 'sFOX is back' });
    expect(triggered).toMatchObject({ status: 202, body: { acts: { triggered: { by, reason: 'sFOX is back' } } } });
    await waitUntil(async () => {
      const { body } = await ask('GET', '/v1/recovery');
      return body.run?.outcome !== undefined && body.run?.outcome !== null;
    }, 'the run is over');
    await waitUntil(
      async () => (await ask('GET', '/v1/journeys?step=stalled')).body.items.length === 0,
      'no journey is stalled any more',
    );
    const acts = gateway.logged.filter((line) => /"audit":"(pause|resume|trigger)Recovery"/.test(line));
    expect(acts.length).toBeGreaterThanOrEqual(3);
    expect(await ask('POST', '/v1/recovery/pause', { reason }, { as: 'viewer' })).toMatchObject({ status: 403 });
    expect(await ask('POST', '/v1/recovery/pause', {})).toMatchObject({ status: 400, body: { field: 'reason' } });
  });
});

it('reports blockers in the summary and in the metrics', async () => {
  const paused = uniqueUserId('paused');
  await gateway.stack.onward.start(paused, { accountType: 'individual' });
  await waitForPosition(gateway.stack, paused, 'emailPending.awaitingCode');
  await ask('POST', `/v1/users/${paused}/onboarding/pause`, { reason });
  await waitUntil(async () => {
    const { body } = await ask('GET', '/v1/journeys/summary');
    const operator = body.blockers.find(({ kind }: { kind: string }) => kind === 'operator');
    return operator.description === '1 journey locked or paused until an operator acts';
  }, 'it is reported');
  const { body } = await ask('GET', '/metrics');
  expect(body).toContain('onward_blockers{kind="operator"} 1');
  expect(body).toContain('onward_inactive_journeys{step="paused"} 1');
  expect(body).toContain('onward_blockers{kind="noWorker"} 0');
  expect(body).toContain('onward_temporal_up 1');
});
