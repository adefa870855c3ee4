import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { providerHealthId } from '../../../workflows/provider-health/contract.ts';
import { runCommand, runInTerminal } from '../cli/run-cli.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { enterCode, operator, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';

/** A server of its own, since figures are those of a namespace. */
let server: TemporalServer;
let gateway: Gateway;
beforeAll(async () => {
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address, worker: { healthReportInterval: 200 } });
});
afterAll(async () => {
  await gateway?.close();
  await server?.stop();
});

const read = async (query = '') => (await gateway.call('GET', `/v1/statistics${query}`, { as: 'viewer' })).body;

/** Six sign-ups: one individual and one business are done, one individual has the e-mail verified and one cancelled after it, two are at the start. */
async function signUpSix(): Promise<void> {
  const { stack } = gateway;
  const { onward } = stack;
  const users = Array.from({ length: 6 }, (_, nth) => uniqueUserId(`sixth${nth}`));
  const [done = '', verified = '', cancelled = '', , overridden = '', business = ''] = users;
  for (const id of users) {
    await onward.start(id, { accountType: id === business ? 'business' : 'individual' });
    await waitForPosition(stack, id, 'emailPending.awaitingCode');
  }
  for (const id of [done, verified, cancelled, business]) await enterCode(stack, id, 'email');
  for (const id of [done, verified, cancelled]) await waitForPosition(stack, id, 'smsPending.awaitingCode');
  await enterCode(stack, done, 'sms');
  await onward.cancel(cancelled, { reason: 'signed up twice' }, operator);
  await onward.pause(overridden, { reason: 'looked into' }, operator);
  for (const id of [done, business]) await waitForPosition(stack, id, 'done');
}

it('counts to the digit what happened: sign-ups, how far they came, ends, sends and verifications', async () => {
  await signUpSix();
  const statistics = await waitUntil(async () => {
    const now = await read();
    const { reports, accounts } = now;
    const isIn = accounts.individual.done === 1 && accounts.business.done === 1 && reports?.verified.sms.code === 1;
    const hasCancelled = now.points.some(({ ends }: { ends: { cancelled: number } }) => ends.cancelled > 0);
    return isIn && hasCancelled && reports.sends.sms.sent === 3 && now;
  }, 'visibility and the reports have arrived');
  expect(statistics.accounts.individual).toMatchObject({ signUps: 5, verified: { email: 3, sms: 1 }, done: 1 });
  expect(statistics.accounts.business).toMatchObject({ signUps: 1, verified: { email: 1, sms: 0 }, done: 1 });
  const { points, reports, previous } = statistics;
  expect(points).toHaveLength(24);
  const sum = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((total: number, point: (typeof points)[number]) => total + of(point), 0);
  expect([sum(({ signUps }) => signUps), sum(({ done }) => done)]).toEqual([6, 2]);
  expect(sum(({ ends }) => ends.done)).toBe(2);
  expect(sum(({ ends }) => ends.cancelled)).toBe(1);
  expect(reports.verified.email).toEqual({ code: 4, provider: 0, operator: 0 });
  expect(reports.sends).toMatchObject({ email: { sent: 6, unknown: 0 }, sms: { sent: 3 } });
  expect(reports).toMatchObject({ requests: gateway.stack.sfox.requests().length, failed: 0 });
  expect(previous.accounts.individual).toMatchObject({ signUps: 0, done: 0, timeToVerified: { count: 0, p50: null } });
});

it('finds the time to verified as it was, to two per cent', async () => {
  const { client } = gateway.stack;
  const exact: number[] = [];
  const query = "WorkflowType = 'onboarding' AND ExecutionStatus = 'Completed' AND OnboardingAccount = 'individual'";
  for await (const { startTime, closeTime } of client.workflow.list({ query })) {
    exact.push((closeTime?.getTime() ?? 0) - startTime.getTime());
  }
  const [longest = 0] = exact;
  const { count, p50 } = (await read()).accounts.individual.timeToVerified;
  expect([count, exact.length]).toEqual([1, 1]);
  expect(p50).toBeGreaterThanOrEqual(longest - 1);
  expect(p50).toBeLessThanOrEqual(longest * 1.02 + 2);
});

it('counts a stall by its reason, once', async () => {
  const { stack } = gateway;
  stack.sfox.outage(true);
  const id = uniqueUserId('stalls');
  await stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(stack, id, 'emailPending.stalled');
  stack.sfox.outage(false);
  await stack.onward.override(id, { channel: 'email', reason: 'seen in person' }, operator);
  const { reports } = await waitUntil(async () => {
    const now = await read();
    return now.reports?.verified.email.operator === 1 && now;
  }, 'the override is reported');
  expect(reports.stalled).toMatchObject({ providerUnavailable: 1, credentials: 0 });
  expect(reports.failed).toBeGreaterThan(0);
});

it('shows the same by day, and keeps it over a restart of the workers', async () => {
  const before = await read('?resolution=day');
  expect(before.points).toHaveLength(30);
  await gateway.stack.stopWorkers();
  const { status } = await gateway.stack.client.workflow
    .getHandle(providerHealthId(gateway.stack.taskQueue))
    .describe();
  expect(status.name).toBe('RUNNING');
  await gateway.stack.startWorker();
  const after = await waitUntil(async () => {
    const now = await read('?resolution=day');
    return now.reports !== null && now;
  }, 'a worker answers');
  expect(after.reports.verified).toEqual(before.reports.verified);
  expect(after.points.at(-1).signUps).toBe(7);
});

it('is for viewers, and says what is wrong with a period', async () => {
  expect(await gateway.call('GET', '/v1/statistics', { as: 'app' })).toMatchObject({ status: 403 });
  expect(await gateway.call('GET', '/v1/statistics?from=2026-01-01T00:00:00Z', { as: 'viewer' })).toMatchObject({
    status: 400,
    body: { code: 'bad_request', field: 'from', detail: expect.stringContaining('at most 168 points') },
  });
});

it('prints a row for each point in a pipe, and charts on a terminal', async () => {
  const env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer };
  const rows = await waitUntil(async () => {
    const { exit, out } = await runCommand(['stats'], env);
    expect(exit).toBe(0);
    const printed = out.trim().split('\n');
    return printed.reduce((total, row) => total + Number(row.split('\t')[1]), 0) === 7 && printed;
  }, 'the cached counts are renewed');
  expect(rows).toHaveLength(24);
  expect(rows.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z\t/);
  const json = JSON.parse((await runCommand(['stats', '--resolution', 'day', '--json'], env)).out);
  expect(json.points).toHaveLength(30);
  const shown = await runInTerminal(['stats'], env);
  expect(shown).toMatch(/signed up.*·+█?.*7/);
  expect(shown).toMatch(/individual.*6/);
});
