import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { measureProcessTime } from '../support/process-time.ts';
import { app, enterCode, newestCode, operator, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

it('answers a status from the history within a second, and accepts a sign-up', async () => {
  const [ada, bo, cy] = [uniqueUserId('ada', '.maintenance'), uniqueUserId('bo'), uniqueUserId('cy')];
  await stack.onward.start(ada, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.stalled');
  await stack.onward.start(cy, { accountType: 'individual' });
  await waitForPosition(stack, cy, 'emailPending.awaitingCode');
  await enterCode(stack, cy, 'email');
  await enterCode(stack, cy, 'sms');
  await waitForPosition(stack, cy, 'done');

  await stack.stopWorkers();
  const timeTaken = measureProcessTime();
  expect(await stack.onward.status(ada)).toMatchObject({
    userId: ada,
    accountType: 'individual',
    state: 'emailPending',
    step: 'stalled',
    live: false,
    stalled: { reason: 'providerUnavailable', since: expect.any(String) },
    startedAt: expect.any(String),
    revision: null,
    email: null,
    allowed: null,
  });
  expect(timeTaken()).toBeLessThan(1_500);

  expect(await stack.onward.status(cy)).toMatchObject({ state: 'done', live: true, sms: { evidence: 'code' } });
  expect((await stack.onward.timeline(cy)).at(0)).toMatchObject({ what: 'Started' });
  expect(await stack.onward.submitCode(cy, { channel: 'sms', code: '123456' }, app)).toMatchObject({
    outcome: 'verified',
  });
  await expect(stack.onward.timeline(ada)).rejects.toMatchObject({ code: 'unavailable' });

  expect(await stack.onward.start(bo, { accountType: 'individual' })).toEqual({ started: true });
  const hasty = stack.facade({ commandTimeout: 300, codeTimeout: 300 });
  await expect(hasty.retry(ada, { reason: 'now' }, operator)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await hasty.submitCode(bo, { channel: 'email', code: '123456' }, app)).toEqual({ outcome: 'pending' });
  await stack.startWorker();
  await waitForPosition(stack, bo, 'emailPending.awaitingCode');
  const code = await newestCode(stack, bo, 'email');
  expect(await stack.onward.submitCode(bo, { channel: 'email', code }, app)).toMatchObject({ outcome: 'verified' });
});

it('reports `not_found` for a user who never signed up', async () => {
  const unknownUser = uniqueUserId('unknown');
  const unknown = { code: 'not_found' };
  await expect(stack.onward.status(unknownUser)).rejects.toMatchObject(unknown);
  await expect(stack.onward.timeline(unknownUser)).rejects.toMatchObject(unknown);
  await expect(stack.onward.resend(unknownUser, {}, app)).rejects.toMatchObject(unknown);
  await expect(stack.onward.submitCode(unknownUser, { channel: 'sms', code: '1234' }, app)).rejects.toMatchObject(
    unknown,
  );
  await expect(stack.onward.restart(unknownUser, { reason: 'x' }, operator)).rejects.toMatchObject(unknown);
});

it.each([
  ['a@b.example', /must not be an e-mail address/],
  ['..', /1 to 128/],
  ['', /1 to 128/],
  ['a b', /1 to 128/],
])('rejects the user id %j and says what is valid', async (userId, advice) => {
  await expect(stack.onward.start(userId, { accountType: 'individual' })).rejects.toMatchObject({
    code: 'bad_request',
    field: 'userId',
    message: expect.stringMatching(advice),
  });
});
