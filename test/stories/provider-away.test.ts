import { expect, it } from '@jest/globals';
import { tell } from '../support/both.ts';
import {
  app,
  callsOf,
  enterCode,
  eventually,
  newestCode,
  operator,
  statusOf,
  untilAt,
  user,
} from '../support/stack.ts';

tell('a provider that is away', {}, (stack) => {
  it.each([
    ['503 to every try', { status: 503 }, 'providerUnavailable'],
    ['a key that it refuses', { status: 401 }, 'credentials'],
    ['403', { status: 403 }, 'credentials'],
    ['an unknown 422', { status: 422, body: { error: 'Email not allowed here' } }, 'providerRefused'],
    ['the 422 of the other channel', { status: 422, body: { error: 'Phone already verified' } }, 'providerRefused'],
    ['400', { status: 400, body: { error: 'bad' } }, 'providerRefused'],
    ['404', { status: 404 }, 'providerRefused'],
    ['429 for longer than sends are retried', { status: 429, retryAfter: 60 }, 'rateLimited'],
    ['429 without a time', { status: 429 }, 'rateLimited'],
  ] as const)('stalls a journey by %s, until an operator retries', async (_, fault, reason) => {
    const ada = user('ada');
    stack().sfox.script(ada, 'send', [fault]);
    await stack().onward.start(ada, { accountType: 'individual' });
    const status = await untilAt(stack(), ada, 'emailPending.stalled');
    expect(status).toMatchObject({
      stalled: { reason, nextRetryAt: null },
      email: { sends: 0, lastSend: { outcome: 'notSent' } },
      allowed: { retry: {}, pause: {}, cancel: {}, recheck: {}, override: { channel: 'email' } },
      expiresAt: null,
    });
    expect(status.allowed).not.toHaveProperty('submitCode');
    await expect(stack().onward.resend(ada, {}, app)).rejects.toMatchObject({ code: 'not_now' });
    await stack().onward.retry(ada, { reason: 'it is back' }, operator);
    expect(await untilAt(stack(), ada, 'emailPending.awaitingCode')).toMatchObject({
      stalled: null,
      email: { sends: 1, lastSend: { outcome: 'sent' } },
    });
  });

  it.each([
    ['500', { status: 500 }],
    ['502', { status: 502 }],
    ['504', { status: 504 }],
    ['a page instead of JSON', 'html'],
    ['a reset before the code went out', 'reset-before'],
    ['no reply in time', { delay: 2_000 }],
  ] as const)('leaves a send unknown by %s, and asks nothing again', async (_, fault) => {
    const bo = user('bo');
    stack().sfox.script(bo, 'send', [fault]);
    await stack().onward.start(bo, { accountType: 'individual' });
    expect(await untilAt(stack(), bo, 'emailPending.awaitingCode')).toMatchObject({
      email: { sends: 1, lastSend: { outcome: 'unknown' } },
      allowed: { submitCode: { channel: 'email' } },
    });
    // The simulator notes a request once it has dealt with it, which a slow one is after us.
    await eventually(() => callsOf(stack(), bo).length === 1, 'the provider has noted the request');
  });

  it('takes the code of a send whose reply was lost', async () => {
    const cy = user('cy', '.lost-reply');
    await stack().onward.start(cy, { accountType: 'individual' });
    await untilAt(stack(), cy, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), cy, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it.each([
    ['503', [{ status: 503 }, { status: 503 }, { status: 503 }], 5, 3],
    ['429', [{ status: 429, retryAfter: 30 }], 5, 1],
    ['401', [{ status: 401 }], 5, 1],
    ['500 and a record that says no more', [{ status: 500 }], 4, 1],
  ] as const)('does not judge a code by %s: it may be submitted again', async (_, faults, guessesLeft, tries) => {
    const dee = user('dee');
    await stack().onward.start(dee, { accountType: 'individual' });
    await untilAt(stack(), dee, 'emailPending.awaitingCode');
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

  it("finds in the provider's record that a code was taken whose answer was lost", async () => {
    const eli = user('eli', '.lost-verdict');
    await stack().onward.start(eli, { accountType: 'individual' });
    await untilAt(stack(), eli, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), eli, 'email')).toMatchObject({ outcome: 'verified' });
    expect(await statusOf(stack(), eli)).toMatchObject({ email: { evidence: 'provider' } });
  });

  it('pauses a journey, which then takes nothing but resume and cancel', async () => {
    const fay = user('fay');
    await stack().onward.start(fay, { accountType: 'individual' });
    await untilAt(stack(), fay, 'emailPending.awaitingCode');
    expect(await stack().onward.pause(fay, { reason: 'a question' }, operator)).toMatchObject({ step: 'paused' });
    const code = await newestCode(stack(), fay, 'email');
    await expect(stack().onward.submitCode(fay, { channel: 'email', code }, app)).rejects.toMatchObject({
      code: 'not_now',
      state: 'emailPending',
      step: 'paused',
      allowed: { resume: {}, cancel: {} },
    });
    await stack().onward.resume(fay, { reason: 'answered' }, operator);
    expect(await enterCode(stack(), fay, 'email')).toMatchObject({ outcome: 'verified' });
  });
});
