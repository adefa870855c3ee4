import { afterAll, beforeAll, expect, it } from '@jest/globals';
import {
  app,
  enterCode,
  newestCode,
  operator,
  quickPolicy,
  startStack,
  statusOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ worker: { rates: { sendsPerSecond: 100, checksPerSecond: 4 } } });
});
afterAll(() => stack?.close());

it('does not reveal by the idempotency key whether another code is the one that was not checked: each is a guess', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  const code = await newestCode(stack, ada, 'email');
  const keyed = { ...app, idempotencyKey: 'form-1' };
  const submit = (each: string) => stack.onward.submitCode(ada, { channel: 'email', code: each }, keyed);
  // The right code, which the provider never gets to check.
  stack.sfox.script(ada, 'confirm', [{ status: 429, retryAfter: 1 }]);
  await expect(submit(code)).rejects.toMatchObject({ code: 'provider_unavailable' });

  const wrong = Array.from({ length: 10 }, (_, nth) => `${(Number(code) + nth + 1) % 1_000_000}`.padStart(6, '0'));
  const answers: string[] = [];
  for (const guess of wrong) {
    answers.push(
      await submit(guess).then(
        ({ outcome }) => outcome,
        (error: { code: string }) => error.code,
      ),
    );
  }
  const guesses = (await statusOf(stack, ada)).email?.guessesLeft ?? -1;
  expect(answers[0]).toBe('incorrect');
  // From the first checked guess on, the key belongs to that guess: another code under it is refused, and the response reveals nothing.
  expect(guesses).toBeLessThan(5);
  expect(answers.slice(1)).toEqual(wrong.slice(1).map(() => 'idempotency_key_reused'));
});

it('names the recheck, not a send, when a user is rechecked too often', async () => {
  const ada = uniqueUserId('ada');
  const onward = stack.facade({ policy: { ...quickPolicy, commands: { perMinute: 120, rechecksPerMinute: 1 } } });
  await onward.start(ada, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  await onward.recheck(ada, {}, operator);
  await expect(onward.recheck(ada, {}, operator)).rejects.toMatchObject({
    code: 'cooling_down',
    message: expect.stringMatching(/^the next recheck is allowed at /),
  });
});

it('checks a code before the records that many rechecks ask for', async () => {
  const ada = uniqueUserId('ada', '.business');
  await stack.onward.start(ada, { accountType: 'business' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  const crowd = Array.from({ length: 60 }, (_, nth) => uniqueUserId(`crowd${nth}`));
  await Promise.all(crowd.map((userId) => stack.onward.start(userId, { accountType: 'individual' })));
  await Promise.all(crowd.map((userId) => waitForPosition(stack, userId, 'emailPending.awaitingCode')));
  // On a busy machine a caller's wait may end before its recheck is accepted: it is sent again, as the same command.
  const keyed = { ...operator, idempotencyKey: 'recheck' };
  const rechecks = crowd.map((userId) =>
    waitUntil(() => stack.onward.recheck(userId, {}, keyed), `the record of ${userId} is requested`),
  );
  const reads = () => stack.sfox.requests().filter(({ call }) => call === 'read').length;
  await waitUntil(() => reads() > 0, 'records are being read');
  // On a busy machine the caller's wait may end before the code is checked.
  await enterCode(stack, ada, 'email');
  await waitForPosition(stack, ada, 'done');
  // At four a second sixty records take a quarter of a minute: the code has overtaken most of them.
  const all = stack.sfox.requests();
  const at = all.findIndex(({ call, userId }) => call === 'confirm' && userId === ada);
  await Promise.all(rechecks);
  await waitUntil(() => reads() >= crowd.length, 'the others have their turn, too');
  const before = all.slice(0, at).filter(({ call }) => call === 'read').length;
  expect(before).toBeLessThan(crowd.length / 2);
});
