import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, operator, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

// The server takes about half a minute to delete an execution; other files run beside this one.
it('counts a journey that was begun anew once', async () => {
  const dee = user('dee');
  await stack.onward.start(dee, { accountType: 'individual' });
  await untilAt(stack, dee, 'emailPending.awaitingCode');
  await stack.onward.cancel(dee, { reason: 'test' }, operator);
  await untilAt(stack, dee, 'cancelled');
  await eventually(
    () =>
      stack.onward.restart(dee, { reason: 'test' }, operator).then(
        () => true,
        () => false,
      ),
    'the execution has ended',
  );
  const status = await untilAt(stack, dee, 'emailPending.awaitingCode');
  expect(status.email?.sends).toBe(2);
  const deleted = async () => {
    const { items } = await stack.onward.list({ userId: dee });
    return items.length === 1 && items[0]?.state === 'emailPending';
  };
  await eventually(deleted, 'one journey of the user is listed', 60_000);
}, 90_000);
