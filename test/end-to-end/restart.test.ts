import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { waitUntil, operator, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

it('lists the restarted journey first', async () => {
  const dee = uniqueUserId('dee');
  await stack.onward.start(dee, { accountType: 'individual' });
  await waitForPosition(stack, dee, 'emailPending.awaitingCode');
  await stack.onward.cancel(dee, { reason: 'test' }, operator);
  await waitForPosition(stack, dee, 'cancelled');
  await waitUntil(
    () =>
      stack.onward.restart(dee, { reason: 'test' }, operator).then(
        () => true,
        () => false,
      ),
    'the execution has ended',
  );
  const status = await waitForPosition(stack, dee, 'emailPending.awaitingCode');
  expect(status.email?.sends).toBe(2);
  // The old execution is deleted when the server comes to it, which may take it a minute.
  const isFirst = async () => (await stack.onward.list({ userId: dee })).items[0]?.state === 'emailPending';
  await waitUntil(isFirst, 'the new journey is listed first');
});
