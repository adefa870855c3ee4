import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { defaultSendBudget } from '../../client/config/policy-file.ts';
import { DAY, MINUTE } from '../../workflows/journey/policy/policy.ts';
import { startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { callsOf, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';

/** The day's limit is reached, so an hour that ends during the test changes nothing. */
const sendBudget = { ...defaultSendBudget, email: { perHour: 3, perDay: 3 } };

/** A day (UTC) that is about to end is waited for, since it would end in the middle of the test. */
const ABOUT_TO_END_MS = 3 * MINUTE;

let gateway: Gateway;
beforeAll(async () => {
  const leftOfDay = DAY - (Date.now() % DAY);
  if (leftOfDay < ABOUT_TO_END_MS) await pause(leftOfDay);
  gateway = await startGateway({ worker: { sendBudget, healthReportInterval: 100 }, onward: { sendBudget } });
});
afterAll(() => gateway?.close());

const use = async () =>
  (await gateway.call('GET', '/v1/journeys/summary', { as: 'viewer' })).body.sendBudget?.email.day;

it('stalls sends above the budget of all journeys until the next day, and refuses a request for a code', async () => {
  const { stack } = gateway;
  const users = ['a', 'b', 'c'].map((name) => uniqueUserId(name));
  for (const userId of users) await stack.onward.start(userId, { accountType: 'individual' });
  for (const userId of users) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await waitUntil(async () => (await use())?.sent === 3, 'the worker has reported its sends');
  expect(await use()).toMatchObject({ sent: 3, limit: 3 });

  // A worker that begins now knows what the others have sent.
  await stack.stopWorkers();
  await stack.startWorker();
  const over = uniqueUserId('over');
  await stack.onward.start(over, { accountType: 'individual' });
  const { stalled } = await waitForPosition(stack, over, 'emailPending.stalled');
  const tomorrow = new Date((Math.floor(Date.now() / DAY) + 1) * DAY);
  expect(stalled).toMatchObject({
    reason: 'sendBudget',
    detail: expect.stringContaining('send budget for email codes'),
  });
  expect(Math.abs(Date.parse(stalled?.nextRetryAt ?? '') - tomorrow.getTime())).toBeLessThan(60_000);
  expect(callsOf(stack, over)).toEqual([]);

  const refused = await waitUntil(async () => {
    const answer = await gateway.call('POST', `/v1/users/${users[0]}/onboarding/resend`, { body: {} });
    return answer.status === 429 && answer;
  }, 'the gateway knows that the budget is used up');
  expect(refused.body).toMatchObject({ code: 'send_budget_spent', retryAt: tomorrow.toISOString() });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  await waitUntil(async () => {
    const { body: summary } = await gateway.call('GET', '/v1/journeys/summary', { as: 'viewer' });
    return summary.reasons.sendBudget > 0;
  }, 'the stall is counted');

  const { body: metrics } = await gateway.call('GET', '/metrics', { as: 'viewer' });
  expect(metrics).toContain('onward_send_budget{channel="email",window="day"} 3');
  expect(metrics).toContain('onward_codes_sent{channel="email",window="day"} 3');
});

it('counts the requests for codes of each token', async () => {
  const userId = uniqueUserId('asks');
  const path = `/v1/users/${userId}/onboarding`;
  expect(await gateway.call('POST', path, { body: { accountType: 'individual' } })).toMatchObject({ status: 201 });
  expect(await gateway.call('POST', path, { body: { accountType: 'individual' } })).toMatchObject({ status: 200 });
  const { body: metrics } = await gateway.call('GET', '/metrics', { as: 'viewer' });
  expect(metrics).toContain('onward_sends_requested_total{role="app",name="app-name"} 1');
});
