import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { enterCode, eventually, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

const SENDS_PER_SECOND = 4;
const CROWD = 16;
const JITTER = 250;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ worker: { rates: { sendsPerSecond: SENDS_PER_SECOND, checksPerSecond: 4 } } });
});
afterAll(() => stack.close());

it('is sent to at the pace of the fleet, and a code does not wait behind it', async () => {
  const ada = user('ada', '.business');
  await stack.onward.start(ada, { accountType: 'business' });
  await untilAt(stack, ada, 'emailPending.awaitingCode');

  const crowd = Array.from({ length: CROWD }, (_, nth) => user(`crowd${nth}`));
  await Promise.all(crowd.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  const sends = () =>
    stack.sfox.requests().filter(({ call, userId }) => call === 'send' && crowd.includes(String(userId)));
  expect(sends().length).toBeLessThan(CROWD);

  await eventually(() => sends().length === CROWD, 'everybody was sent a code');
  const times = sends().map(({ at }) => Date.parse(at));
  for (const from of times) {
    // A second's worth of burst may come on top. A busy machine holds the first ones up, so that they arrive closer together.
    const together = times.filter((at) => at >= from && at < from + 1_000 - JITTER);
    expect(together.length).toBeLessThanOrEqual(2 * SENDS_PER_SECOND);
  }
});
