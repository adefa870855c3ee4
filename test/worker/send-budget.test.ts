import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import type { ProviderAttempt } from '../../activities/contract.ts';
import { createCustomProvider } from '../../worker/provider/custom-provider.ts';
import { limitSends, WorkerSendBudget } from '../../worker/provider/send-budget.ts';
import { HOUR, DAY } from '../../workflows/journey/policy/policy.ts';
import { countCodes, noCodes, totalsAt } from '../../workflows/provider-health/code-counts.ts';
import type { CodeTotals } from '../../workflows/provider-health/code-counts.ts';

const budgetOf = (perHour: number, perDay = 1_000) => ({
  email: { perHour, perDay },
  sms: { perHour: 1_000, perDay: 1_000 },
});
const sent = (reply: ProviderAttempt['reply'] = '2xx'): ProviderAttempt => ({ call: 'send', channel: 'email', reply });
const nothing = async () => undefined;

/** Sends a code, whose reply is counted as the provider activities count it. */
const sendOne = (budget: WorkerSendBudget, reply?: ProviderAttempt['reply']) =>
  budget.send('email', async () => budget.count(sent(reply)));

it('makes no more sends than the budget, and says how long to wait', async () => {
  const budget = new WorkerSendBudget(budgetOf(2), nothing);
  await sendOne(budget);
  await sendOne(budget);
  await expect(sendOne(budget)).rejects.toMatchObject({ type: 'SendBudgetSpent', nonRetryable: true });
  const refused = await sendOne(budget).catch((error: unknown) => error);
  const [wait] = (refused as ApplicationFailure).details ?? [];
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(HOUR);
  // The other channel has a budget of its own.
  await budget.send('sms', nothing);
});

it('counts sends in flight, and of the ended ones only those that may have sent a code', async () => {
  const budget = new WorkerSendBudget(budgetOf(2), nothing);
  for (const reply of ['unreached', '401', '429', '4xx', 'already_verified', 'other_provider'] as const) {
    await sendOne(budget, reply);
  }
  await sendOne(budget, 'unknown');
  let finish = () => {};
  const inFlight = budget.send('email', () => new Promise<void>((resolve) => (finish = resolve)));
  await pause(1);
  await expect(sendOne(budget)).rejects.toMatchObject({ type: 'SendBudgetSpent' });
  finish();
  await inFlight;
  await sendOne(budget);
});

it('counts what other workers have reported, and its own sends once', async () => {
  let totals: CodeTotals | undefined = countCodes(undefined, { email: 3, sms: 0 }, Date.now());
  const budget = new WorkerSendBudget(budgetOf(5), async () => totals);
  await sendOne(budget);
  budget.reported({ email: 1, sms: 0 });
  await sendOne(budget);
  await expect(sendOne(budget)).rejects.toMatchObject({ type: 'SendBudgetSpent' });
  totals = undefined;
});

it('continues with the last totals while they cannot be read', async () => {
  const budget = new WorkerSendBudget(budgetOf(1), () => Promise.reject(new Error('no worker answers')));
  await sendOne(budget);
  await expect(sendOne(budget)).rejects.toMatchObject({ type: 'SendBudgetSpent' });
});

it('limits the sends of a provider of your own, too', async () => {
  const requests: string[] = [];
  const budget = new WorkerSendBudget(budgetOf(1), nothing);
  const custom = createCustomProvider(
    {
      sendCode: async ({ userId }) => {
        requests.push(userId);
        return { type: 'sent', to: null };
      },
      confirmCode: async () => ({ type: 'right' }),
      readUser: async () => ({ email: 'open', sms: 'open' }),
    },
    budget.count,
  );
  const { sends } = limitSends(custom, budget);
  const times = { timeout: 10_000, retryFor: 0, unknownUserFor: 0 };
  const send = (userId: string) => sends.sendCode({ userId, provider: null, channel: 'email', ...times });
  expect(await send('ada')).toEqual({ type: 'sent', to: null });
  await expect(send('bob')).rejects.toMatchObject({ type: 'SendBudgetSpent' });
  expect(requests).toEqual(['ada']);
});

it('counts by clock hours and days of UTC', () => {
  const noon = Date.UTC(2026, 0, 5, 12, 30);
  const first = countCodes(undefined, { email: 2, sms: 1 }, noon);
  expect(first.hour).toEqual({ from: Date.UTC(2026, 0, 5, 12), email: 2, sms: 1 });
  expect(first.day).toEqual({ from: Date.UTC(2026, 0, 5), email: 2, sms: 1 });
  const later = countCodes(first, { email: 1, sms: 0 }, noon + HOUR);
  expect([later.hour.email, later.day.email]).toEqual([1, 3]);
  expect(totalsAt(later, noon + DAY).day).toEqual({ from: Date.UTC(2026, 0, 6), ...noCodes });
  // A clock that was set back begins no window again.
  expect(totalsAt(later, noon).hour.email).toBe(1);
});
