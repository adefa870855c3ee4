import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { enterCode, waitUntil, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

const SENDS_PER_SECOND = 2;
const USER_COUNT = 14;
/** The server hands out what has gathered over a moment at once: a second's worth, and the second's own. */
const MAX_BURST = 2 * SENDS_PER_SECOND;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ worker: { rates: { sendsPerSecond: SENDS_PER_SECOND, checksPerSecond: 4 } } });
});
afterAll(() => stack.close());

it('limits the sends of all workers to the configured rate, and checks codes without that delay', async () => {
  const ada = uniqueUserId('ada', '.business');
  await stack.onward.start(ada, { accountType: 'business' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');

  const began = Date.now();
  const crowd = Array.from({ length: USER_COUNT }, (_, nth) => uniqueUserId(`crowd${nth}`));
  await Promise.all(crowd.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  const sends = () =>
    stack.sfox.requests().filter(({ call, userId }) => call === 'send' && crowd.includes(String(userId)));
  expect(sends().length).toBeLessThan(USER_COUNT);

  await waitUntil(() => sends().length === USER_COUNT, 'every user was sent a code');
  // However busy the machine is, the last one cannot have come earlier than this.
  const last = Math.max(...sends().map(({ at }) => Date.parse(at)));
  expect(last - began).toBeGreaterThanOrEqual(((USER_COUNT - MAX_BURST) / SENDS_PER_SECOND) * 1_000);
});
