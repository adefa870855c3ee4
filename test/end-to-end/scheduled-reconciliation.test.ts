import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { setup } from '../../client/temporal/setup.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { RECONCILIATION_SCHEDULE } from '../../workflows/reconciliation/contract.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { clientOf, closeClients, runDoctor } from '../support/doctor.ts';
import { startOwnServer } from '../support/own-server.ts';
import { callsOf, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';

const DAY = 86_400_000;
const recovery = { every: DAY, perSecond: 5, upToPerSecond: 20 };
const reconcile = { every: DAY, graceFor: 0, perSecond: 20 };

let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  // A namespace has one Schedule of reconciliations.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
});
afterEach(closeClients);
afterAll(async () => {
  await gateway?.close();
  await server?.stop();
});

const prepare = (settings: { every: number | null; graceFor: number; perSecond: number }) => {
  const { client, taskQueue } = gateway.stack;
  return setup(client, { taskQueue, callTimeout: 10_000, recovery, reconcile: settings });
};
const schedule = () => gateway.stack.client.schedule.getHandle(RECONCILIATION_SCHEDULE);
const doctor = async (settings: typeof reconcile | { every: null; graceFor: number; perSecond: number }) => {
  const { taskQueue } = gateway.stack;
  const found = await runDoctor(clientOf({ address: server.address }), { taskQueue, reconcile: settings });
  return found.reconciliation;
};

it('reconciles when the Schedule is due, and shows it in the overview and the metrics', async () => {
  const { stack } = gateway;
  expect(await prepare(reconcile)).toMatchObject({ reconciliation: 'created' });
  const lost = uniqueUserId('lost');
  stack.sfox.crowd(lost, 1);
  await schedule().trigger();
  const last = await waitUntil(async () => {
    const found = await stack.onward.reconciliations.last();
    return found?.state === 'done' && found;
  }, 'the reconciliation has ended');
  await waitForPosition(stack, `${lost}-1`, 'emailPending.awaitingCode');
  expect(callsOf(stack, `${lost}-1`)).toEqual([]);
  expect(last).toMatchObject({ reason: 'on schedule', by: { role: 'onward', name: 'reconciliation' }, dryRun: false });
  const { body } = await gateway.call('GET', '/v1/dashboard', { as: 'viewer' });
  expect(body.reconciliation).toMatchObject({ id: last.id, state: 'done' });
  const metrics = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${bearers.viewer}` } });
  expect(await metrics.text()).toContain(
    `onward_last_reconciliation_timestamp_seconds{state="done"} ${Date.parse(last.at) / 1_000}`,
  );
}, 240_000);

it('has doctor say how the Schedule differs from the policy', async () => {
  const off = { ...reconcile, every: null };
  await prepare(reconcile);
  expect(await doctor(reconcile)).toMatchObject({ ok: true });
  expect(await doctor(off)).toMatchObject({ ok: false, found: expect.stringContaining('the policy has no') });
  expect(await doctor({ ...reconcile, every: 2 * DAY })).toMatchObject({
    ok: false,
    found: expect.stringContaining('other settings'),
    fix: expect.stringContaining('onward setup'),
  });
  await schedule().pause('tonight');
  expect(await doctor(reconcile)).toMatchObject({ ok: false, found: expect.stringContaining('paused') });
  await schedule().unpause('again');
  expect(await prepare(off)).toMatchObject({ reconciliation: 'deleted' });
  expect(await doctor(reconcile)).toMatchObject({
    ok: false,
    found: expect.stringContaining('the Schedule is missing'),
  });
  expect(await doctor(off)).toMatchObject({ ok: true, fix: null });
}, 240_000);
