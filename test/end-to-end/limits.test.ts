import { expect, it } from '@jest/globals';
import { describeCachedAndReplayed } from '../support/cached-and-replayed.ts';
import {
  app,
  callsOf,
  enterCode,
  waitUntil,
  guessWrong,
  historyOf,
  operator,
  quickPolicy,
  statusOf,
  timelineOf,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';

const tight = { ...quickPolicy, guesses: { perCode: 2, perChannel: 3 }, sends: { per10Minutes: 2, perDay: 10 } };

describeCachedAndReplayed('a user at a limit', { policy: tight }, (stack) => {
  it('is locked when the guesses of the channel are used up, and an operator unlocks it', async () => {
    const ada = uniqueUserId('ada');
    await stack().onward.start(ada, { accountType: 'individual' });
    await waitForPosition(stack(), ada, 'emailPending.awaitingCode');
    await guessWrong(stack(), ada);
    const lastGuess = await guessWrong(stack(), ada);
    expect(lastGuess).toMatchObject({
      outcome: 'incorrect',
      status: { step: 'awaitingCode', email: { guessesLeft: 0 } },
    });
    expect(lastGuess).not.toHaveProperty('status.allowed.submitCode');
    await expect(guessWrong(stack(), ada)).rejects.toMatchObject({ code: 'invalid_state' });
    await stack().onward.resend(ada, {}, app);
    expect(await waitForPosition(stack(), ada, 'emailPending.awaitingCode')).toMatchObject({
      email: { guessesLeft: 1 },
    });
    expect(await guessWrong(stack(), ada)).toMatchObject({ outcome: 'incorrect', status: { step: 'locked' } });
    await stack().onward.retry(ada, { reason: 'spoke to her' }, operator);
    expect(await enterCode(stack(), ada, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it('gets the time of the next allowed send', async () => {
    const bo = uniqueUserId('bo');
    await stack().onward.start(bo, { accountType: 'individual' });
    await waitForPosition(stack(), bo, 'emailPending.awaitingCode');
    await stack().onward.resend(bo, {}, app);
    await waitForPosition(stack(), bo, 'emailPending.awaitingCode');
    const refused = await stack()
      .onward.resend(bo, {}, app)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'cooling_down' });
    const { retryAt } = refused as { retryAt: Date };
    expect(retryAt.getTime() - Date.now()).toBeGreaterThan(9 * 60_000);
  });
});

const short = { ...quickPolicy, codeLife: 400, reminderAfter: 60_000, journeyLife: 60_000 };

describeCachedAndReplayed('a code whose send has an unknown outcome', { policy: short }, (stack) => {
  it('is followed by one more after its assumed life, and then the journey stalls and still takes a code', async () => {
    const cy = uniqueUserId('cy');
    stack().sfox.script(cy, 'send', ['reset-after', 'reset-after']);
    await stack().onward.start(cy, { accountType: 'individual' });
    const status = await waitForPosition(stack(), cy, 'emailPending.stalled');
    expect(status).toMatchObject({
      stalled: { reason: 'providerUnavailable' },
      email: { sends: 2, lastSend: { outcome: 'unknown' } },
      allowed: { submitCode: { channel: 'email' }, retry: {} },
    });
    expect(await guessWrong(stack(), cy)).toMatchObject({ outcome: 'incorrect', status: { step: 'stalled' } });
    expect(await enterCode(stack(), cy, 'email')).toMatchObject({ outcome: 'verified' });
  });
});

describeCachedAndReplayed(
  'a user who is silent',
  { policy: { ...quickPolicy, reminderAfter: 300, journeyLife: 15_000 } },
  (stack) => {
    it('is reminded once, and then the journey expires; a restart starts a new one', async () => {
      const dee = uniqueUserId('dee');
      await stack().onward.start(dee, { accountType: 'individual' });
      // It is not queried meanwhile: a query that meets an eviction can cost an uncached run ten seconds of its short life.
      await waitUntil(async () => {
        const { status } = await stack().client.workflow.getHandle(`onboarding:${dee}`).describe();
        return status.name === 'FAILED';
      }, 'the journey has expired');
      const expired = await waitForPosition(stack(), dee, 'expired');
      expect(expired).toMatchObject({ email: { sends: 2 }, allowed: {} });
      expect(callsOf(stack(), dee)).toEqual(['send email 200', 'send email 200']);
      expect(await stack().onward.start(dee, { accountType: 'individual' })).toEqual({ started: false });
      await expect(stack().onward.resend(dee, {}, app)).rejects.toMatchObject({
        code: 'invalid_state',
        state: 'expired',
      });
      const calm = stack().facade({ policy: quickPolicy });
      await calm.restart(dee, { reason: 'came back' }, app);
      const again = await waitForPosition(stack(), dee, 'emailPending.awaitingCode');
      expect(again.email?.sends).toBe(3);
      expect(again.revision).toBeGreaterThan(expired.revision ?? 0);
      const texts = (await timelineOf(stack(), dee)).map(({ what }) => what);
      expect(texts).toContain('Started');
      expect(texts).toContain('Restarted');
    });
  },
);

describeCachedAndReplayed('an operator', {}, (stack) => {
  it('cancels a journey, which only an operator can restart', async () => {
    const eli = uniqueUserId('eli');
    await stack().onward.start(eli, { accountType: 'individual' });
    await waitForPosition(stack(), eli, 'emailPending.awaitingCode');
    await stack().onward.cancel(eli, { reason: 'fraud' }, operator);
    await waitUntil(async () => {
      const { status } = await stack().client.workflow.getHandle(`onboarding:${eli}`).describe();
      return status.name === 'CANCELLED';
    }, 'the execution is cancelled');
    expect(await statusOf(stack(), eli)).toMatchObject({ state: 'cancelled', email: { sends: 1 } });
    expect((await timelineOf(stack(), eli)).at(-1)).toMatchObject({ by: 'operator night', reason: 'fraud' });
    await expect(stack().onward.restart(eli, { reason: 'again' }, app)).rejects.toMatchObject({
      code: 'invalid_state',
    });
    await stack().onward.restart(eli, { reason: 'a mistake' }, operator);
    await waitForPosition(stack(), eli, 'emailPending.awaitingCode');
  });

  it("cancels a journey in Temporal's own UI just as well", async () => {
    const fay = uniqueUserId('fay');
    await stack().onward.start(fay, { accountType: 'individual' });
    await waitForPosition(stack(), fay, 'emailPending.awaitingCode');
    await stack().client.workflow.getHandle(`onboarding:${fay}`).cancel();
    expect(await waitForPosition(stack(), fay, 'cancelled')).toMatchObject({ state: 'cancelled', email: { sends: 1 } });
    await waitUntil(async () => {
      const { status } = await stack().client.workflow.getHandle(`onboarding:${fay}`).describe();
      return status.name === 'CANCELLED';
    }, 'the execution is cancelled');
  });

  it('cancels a journey whose send is in flight, once its outcome is known', async () => {
    const gus = uniqueUserId('gus');
    const send = stack().sfox.hold(gus, 'send');
    await stack().onward.start(gus, { accountType: 'individual' });
    await send.reached;
    await stack().onward.cancel(gus, { reason: 'fraud' }, operator);
    send.release();
    expect(await waitForPosition(stack(), gus, 'cancelled')).toMatchObject({
      email: { lastSend: { outcome: 'sent' } },
    });
  });

  it('is refused without history what a journey does not take', async () => {
    const hal = uniqueUserId('hal');
    await stack().onward.start(hal, { accountType: 'individual' });
    await waitForPosition(stack(), hal, 'emailPending.awaitingCode');
    const before = (await historyOf(stack(), hal)).length;
    await expect(stack().onward.retry(hal, { reason: 'impatient' }, operator)).rejects.toMatchObject({
      code: 'invalid_state',
      message: 'retry is not allowed in emailPending.awaitingCode',
    });
    await expect(stack().onward.resume(hal, { reason: 'impatient' }, operator)).rejects.toMatchObject({
      code: 'invalid_state',
    });
    expect(await historyOf(stack(), hal)).toHaveLength(before);
  });

  it('sends a command twice with one idempotency key, and it is executed once', async () => {
    const ivy = uniqueUserId('ivy');
    await stack().onward.start(ivy, { accountType: 'individual' });
    await waitForPosition(stack(), ivy, 'emailPending.awaitingCode');
    const keyed = { ...operator, idempotencyKey: 'button' };
    await Promise.all([1, 2].map(() => stack().onward.resend(ivy, {}, keyed)));
    await waitForPosition(stack(), ivy, 'emailPending.awaitingCode');
    expect(callsOf(stack(), ivy)).toHaveLength(2);
    await expect(stack().onward.resend(ivy, { channel: 'email' }, keyed)).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});
