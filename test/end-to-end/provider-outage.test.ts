import { expect, it } from '@jest/globals';
import { attributeKeys, journeyId } from '../../workflows/contract.ts';
import { describeCachedAndReplayed } from '../support/cached-and-replayed.ts';
import {
  app,
  callsOf,
  enterCode,
  waitUntil,
  newestCode,
  quickPolicy,
  operator,
  statusOf,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';

describeCachedAndReplayed('a provider that is away', {}, (stack) => {
  it.each([
    ['a key that it refuses', { status: 401 }, 'credentials'],
    ['403', { status: 403 }, 'credentials'],
    ['an unknown 422', { status: 422, body: { error: 'Email not allowed here' } }, 'providerRefused'],
    ['the 422 of the other channel', { status: 422, body: { error: 'Phone already verified' } }, 'providerRefused'],
    ['400', { status: 400, body: { error: 'bad' } }, 'providerRefused'],
    ['404', { status: 404 }, 'unknownUser'],
    ['429 for longer than sends are retried', { status: 429, retryAfter: 60 }, 'rateLimited'],
    ['429 without a time', { status: 429 }, 'rateLimited'],
  ] as const)('stalls a journey by %s, until an operator retries', async (_, fault, reason) => {
    const ada = uniqueUserId('ada');
    stack().sfox.script(ada, 'send', [fault]);
    await stack().onward.start(ada, { accountType: 'individual' });
    const status = await waitForPosition(stack(), ada, 'emailPending.stalled');
    expect(status).toMatchObject({
      stalled: { reason, nextRetryAt: null },
      email: { sends: 0, lastSend: { outcome: 'notSent' } },
      allowed: { retry: {}, pause: {}, cancel: {}, recheck: {}, override: { channel: 'email' } },
      expiresAt: null,
    });
    expect(status.allowed).not.toHaveProperty('submitCode');
    await expect(stack().onward.resend(ada, {}, app)).rejects.toMatchObject({ code: 'invalid_state' });
    await stack().onward.retry(ada, { reason: 'it is back' }, operator);
    expect(await waitForPosition(stack(), ada, 'emailPending.awaitingCode')).toMatchObject({
      stalled: null,
      email: { sends: 1, lastSend: { outcome: 'sent' } },
    });
  });

  it('stalls a journey after 503 to every attempt, and accepts a code that was sent anyway', async () => {
    const ivy = uniqueUserId('ivy');
    stack().sfox.script(ivy, 'send', [{ status: 503 }]);
    await stack().onward.start(ivy, { accountType: 'individual' });
    expect(await waitForPosition(stack(), ivy, 'emailPending.stalled')).toMatchObject({
      stalled: { reason: 'providerUnavailable' },
      email: { sends: 1, lastSend: { outcome: 'unknown' } },
      allowed: { submitCode: { channel: 'email' } },
    });
  });

  it('continues after a new sign-up of a user that the provider now knows', async () => {
    const gus = uniqueUserId('gus');
    stack().sfox.script(gus, 'send', [{ status: 404 }]);
    await stack().onward.start(gus, { accountType: 'individual' });
    await waitForPosition(stack(), gus, 'emailPending.stalled');
    // A query may be answered by a task whose completion is not written yet.
    await waitUntil(async () => {
      const { typedSearchAttributes } = await stack().client.workflow.getHandle(journeyId(gus)).describe();
      return typedSearchAttributes.get(attributeKeys.reason) === 'unknownUser';
    }, 'the server knows why it is stalled');
    expect(await stack().onward.start(gus, { accountType: 'individual' })).toEqual({ started: false });
    expect(await waitForPosition(stack(), gus, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
  });

  it('reports the guesses left if a code was not checked, and never locks', async () => {
    const hal = uniqueUserId('hal');
    await stack().onward.start(hal, { accountType: 'individual' });
    await waitForPosition(stack(), hal, 'emailPending.awaitingCode');
    const code = await newestCode(stack(), hal, 'email');
    stack().sfox.script(
      hal,
      'confirm',
      Array.from({ length: 5 }, () => ({ status: 502 })),
    );
    for (const guessesLeft of [4, 3, 2, 1, 0]) {
      const submitted = stack().onward.submitCode(hal, { channel: 'email', code }, app);
      await expect(submitted).rejects.toMatchObject({ code: 'provider_unavailable', guessesLeft });
    }
    await expect(stack().onward.submitCode(hal, { channel: 'email', code }, app)).rejects.toMatchObject({
      code: 'invalid_state',
      step: 'awaitingCode',
      allowed: { resend: {} },
    });
    await stack().onward.resend(hal, {}, app);
    await waitForPosition(stack(), hal, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), hal, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it.each([
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['504', { status: 504 }],
    ['a page instead of JSON', 'html'],
    ['a reset before the code went out', 'reset-before'],
    ['no reply in time', { delay: 2_000 }],
  ] as const)('leaves a send unknown by %s, and asks nothing again', async (_, fault) => {
    const bo = uniqueUserId('bo');
    stack().sfox.script(bo, 'send', [fault]);
    const impatient = stack().facade({ policy: { ...quickPolicy, callTimeout: 1_500 } });
    await impatient.start(bo, { accountType: 'individual' });
    expect(await waitForPosition(stack(), bo, 'emailPending.awaitingCode')).toMatchObject({
      email: { sends: 1, lastSend: { outcome: 'unknown' } },
      allowed: { submitCode: { channel: 'email' } },
    });
    // The simulator notes a request once it has dealt with it, which a slow one is after us.
    await waitUntil(() => callsOf(stack(), bo).length === 1, 'the provider has noted the request');
  });

  it('accepts the code of a send whose reply was lost', async () => {
    const cy = uniqueUserId('cy', '.lost-reply');
    await stack().onward.start(cy, { accountType: 'individual' });
    await waitForPosition(stack(), cy, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), cy, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it.each([
    ['503', [{ status: 503 }], 4, 1],
    ['429', [{ status: 429, retryAfter: 30 }], 5, 1],
    ['401', [{ status: 401 }], 5, 1],
    ['500 and a record that says no more', [{ status: 500 }], 4, 1],
  ] as const)('does not check a code by %s: it may be submitted again', async (_, faults, guessesLeft, tries) => {
    const dee = uniqueUserId('dee');
    await stack().onward.start(dee, { accountType: 'individual' });
    await waitForPosition(stack(), dee, 'emailPending.awaitingCode');
    const code = await newestCode(stack(), dee, 'email');
    stack().sfox.script(dee, 'confirm', [...faults]);
    const submit = () =>
      stack().onward.submitCode(dee, { channel: 'email', code }, { ...app, idempotencyKey: 'the same' });
    await expect(submit()).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect(await statusOf(stack(), dee)).toMatchObject({ step: 'awaitingCode', email: { guessesLeft } });
    expect(callsOf(stack(), dee).filter((call) => call.startsWith('confirm'))).toHaveLength(tries);
    expect(await submit()).toMatchObject({ outcome: 'verified' });
    expect(await submit()).toMatchObject({ outcome: 'verified' });
  });

  it("finds in the provider's record that a code was accepted whose reply was lost", async () => {
    const eli = uniqueUserId('eli', '.lost-verdict');
    await stack().onward.start(eli, { accountType: 'individual' });
    await waitForPosition(stack(), eli, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), eli, 'email')).toMatchObject({ outcome: 'verified' });
    expect(await statusOf(stack(), eli)).toMatchObject({ email: { evidence: 'provider' } });
  });

  it('pauses a journey, which then accepts only resume and cancel', async () => {
    const fay = uniqueUserId('fay');
    await stack().onward.start(fay, { accountType: 'individual' });
    await waitForPosition(stack(), fay, 'emailPending.awaitingCode');
    expect(await stack().onward.pause(fay, { reason: 'a question' }, operator)).toMatchObject({ step: 'paused' });
    const code = await newestCode(stack(), fay, 'email');
    await expect(stack().onward.submitCode(fay, { channel: 'email', code }, app)).rejects.toMatchObject({
      code: 'invalid_state',
      state: 'emailPending',
      step: 'paused',
      allowed: { resume: {}, cancel: {} },
    });
    await stack().onward.resume(fay, { reason: 'answered' }, operator);
    expect(await enterCode(stack(), fay, 'email')).toMatchObject({ outcome: 'verified' });
  });
});
