import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { app, enterCode, newestCode, operator, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

it('answers a status from what the server knows, within a second, and takes a sign-up', async () => {
  const [ada, bo, cy] = [user('ada', '.maintenance'), user('bo'), user('cy')];
  await stack.onward.start(ada, { accountType: 'individual' });
  await untilAt(stack, ada, 'emailPending.stalled');
  await stack.onward.start(cy, { accountType: 'individual' });
  await untilAt(stack, cy, 'emailPending.awaitingCode');
  await enterCode(stack, cy, 'email');
  await enterCode(stack, cy, 'sms');
  await untilAt(stack, cy, 'done');

  await stack.stopWorkers();
  const before = Date.now();
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
  expect(Date.now() - before).toBeLessThan(1_500);

  expect(await stack.onward.status(cy)).toMatchObject({ state: 'done', live: true, sms: { evidence: 'code' } });
  expect((await stack.onward.timeline(cy)).at(0)).toMatchObject({ what: 'Started' });
  expect(await stack.onward.submitCode(cy, { channel: 'sms', code: '123456' }, app)).toMatchObject({
    outcome: 'verified',
  });
  await expect(stack.onward.timeline(ada)).rejects.toMatchObject({ code: 'unavailable' });

  expect(await stack.onward.start(bo, { accountType: 'individual' })).toEqual({ started: true });
  const hasty = stack.facade({ commandWait: 300, codeWait: 300 });
  await expect(hasty.retry(ada, { reason: 'now' }, operator)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await hasty.submitCode(bo, { channel: 'email', code: '123456' }, app)).toEqual({ outcome: 'pending' });
  await stack.startWorker();
  await untilAt(stack, bo, 'emailPending.awaitingCode');
  const code = await newestCode(stack, bo, 'email');
  expect(await stack.onward.submitCode(bo, { channel: 'email', code }, app)).toMatchObject({ outcome: 'verified' });
});

it('answers that it knows nothing of a user who never signed up', async () => {
  const nobody = user('nobody');
  const unknown = { code: 'not_found' };
  await expect(stack.onward.status(nobody)).rejects.toMatchObject(unknown);
  await expect(stack.onward.timeline(nobody)).rejects.toMatchObject(unknown);
  await expect(stack.onward.resend(nobody, {}, app)).rejects.toMatchObject(unknown);
  await expect(stack.onward.submitCode(nobody, { channel: 'sms', code: '1234' }, app)).rejects.toMatchObject(unknown);
  await expect(stack.onward.restart(nobody, { reason: 'x' }, operator)).rejects.toMatchObject(unknown);
});

it.each([
  ['a@b.example', /not an address/],
  ['..', /1 to 128/],
  ['', /1 to 128/],
  ['a b', /1 to 128/],
])('refuses the user id %j with what would be right', async (userId, advice) => {
  await expect(stack.onward.start(userId, { accountType: 'individual' })).rejects.toMatchObject({
    code: 'bad_request',
    field: 'userId',
    message: expect.stringMatching(advice),
  });
});
