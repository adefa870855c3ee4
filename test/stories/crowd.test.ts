import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { enterCode, eventually, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

const SENDS_PER_SECOND = 2;
const CROWD = 14;
/** The server hands out what has gathered over a moment at once: a second's worth, and the second's own. */
const AT_ONCE = 2 * SENDS_PER_SECOND;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ worker: { rates: { sendsPerSecond: SENDS_PER_SECOND, checksPerSecond: 4 } } });
});
afterAll(() => stack.close());

it('is sent to at the pace of the fleet, and a code does not wait behind it', async () => {
  const ada = user('ada', '.business');
  await stack.onward.start(ada, { accountType: 'business' });
  await untilAt(stack, ada, 'emailPending.awaitingCode');

  const began = Date.now();
  const crowd = Array.from({ length: CROWD }, (_, nth) => user(`crowd${nth}`));
  await Promise.all(crowd.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  const sends = () =>
    stack.sfox.requests().filter(({ call, userId }) => call === 'send' && crowd.includes(String(userId)));
  expect(sends().length).toBeLessThan(CROWD);

  await eventually(() => sends().length === CROWD, 'everybody was sent a code');
  // However busy the machine is, the last one cannot have come earlier than this.
  const last = Math.max(...sends().map(({ at }) => Date.parse(at)));
  expect(last - began).toBeGreaterThanOrEqual(((CROWD - AT_ONCE) / SENDS_PER_SECOND) * 1_000);
});
