import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { stallReasons } from '../../workflows/journey/stall-reasons.ts';
import { startStackOnOwnServer } from '../support/own-server.ts';
import { enterCode, waitUntil, operator, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  // The counts are the whole namespace's, and others' erasures and restarts would take from them.
  stack = await startStackOnOwnServer();
});
afterAll(() => stack?.close());

it('lists and counts journeys by state, step and reason', async () => {
  const before = await stack.onward.summary();
  const [ada, bo, cy] = [uniqueUserId('ada', '.maintenance'), uniqueUserId('bo'), uniqueUserId('cy', '.both-verified')];
  await stack.onward.start(ada, { accountType: 'individual' });
  await stack.onward.start(bo, { accountType: 'business' });
  await stack.onward.start(cy, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.stalled');
  await waitForPosition(stack, bo, 'emailPending.awaitingCode');
  await waitForPosition(stack, cy, 'done');

  const only = async (userId: string, filter: object) => {
    const { items } = await stack.onward.list({ userId, ...filter });
    return items[0];
  };
  const stalled = await waitUntil(() => only(ada, { step: 'stalled' }), 'the stall is listed');
  expect(stalled).toEqual({
    userId: ada,
    accountType: 'individual',
    state: 'emailPending',
    step: 'stalled',
    reason: 'providerUnavailable',
    since: expect.any(String),
    startedAt: expect.any(String),
  });
  expect(
    await waitUntil(() => only(bo, { state: 'emailPending', accountType: 'business' }), 'bo is listed'),
  ).toBeDefined();
  expect(await waitUntil(() => only(cy, { state: 'done' }), 'cy is listed as done')).toMatchObject({ step: null });
  expect((await stack.onward.list({ userId: bo, state: 'done' })).items).toEqual([]);

  await stack.onward.cancel(ada, { reason: 'test' }, operator);
  expect(await waitUntil(() => only(ada, { state: 'cancelled' }), 'ada is listed as cancelled')).toMatchObject({
    step: null,
    reason: null,
  });
  const after = await waitUntil(async () => {
    const counted = await stack.onward.summary();
    return counted.states.cancelled > before.states.cancelled && counted;
  }, 'the summary has it');
  expect(Object.keys(after.states)).toEqual([
    'emailPending',
    'emailVerified',
    'smsPending',
    'done',
    'expired',
    'cancelled',
  ]);
  expect(Object.keys(after.steps)).toEqual(['locked', 'paused', 'stalled']);
  expect(Object.keys(after.reasons)).toEqual([...stallReasons]);
  await enterCode(stack, bo, 'email');
});

it('paginates a list, with the newest start first', async () => {
  const users = ['a', 'b', 'c'].map((name) => uniqueUserId(name, '.both-verified'));
  for (const userId of users) {
    await stack.onward.start(userId, { accountType: 'individual' });
    await waitForPosition(stack, userId, 'done');
  }
  await waitUntil(async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await stack.onward.list({ state: 'done' }, 2, cursor);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ userId }) => userId));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined && seen.length < 40);
    const places = users.map((userId) => seen.indexOf(userId));
    return places.every((place) => place >= 0) && places[0]! > places[1]! && places[1]! > places[2]!;
  }, 'all three are listed, the newest first');
});

it('refuses a filter that names nothing', async () => {
  await expect(stack.onward.list({ state: "x' OR 'a'='a" as never })).rejects.toMatchObject({ field: 'state' });
  await expect(stack.onward.list({}, 201)).rejects.toMatchObject({ field: 'limit' });
  await expect(stack.onward.list({ userId: "a' OR 'b" })).rejects.toMatchObject({ field: 'userId' });
});
