import { expect, it } from '@jest/globals';
import { tell } from '../support/both.ts';
import {
  app,
  callsOf,
  enterCode,
  eventually,
  guessWrong,
  historyOf,
  operator,
  quickPolicy,
  statusOf,
  timelineOf,
  untilAt,
  user,
} from '../support/stack.ts';

const tight = { ...quickPolicy, guesses: { perCode: 2, perChannel: 3 }, sends: { per10Minutes: 2, perDay: 10 } };

tell('a user at a limit', { policy: tight }, (stack) => {
  it('is locked when the guesses of the channel are spent, and an operator opens it', async () => {
    const ada = user('ada');
    await stack().onward.start(ada, { accountType: 'individual' });
    await untilAt(stack(), ada, 'emailPending.awaitingCode');
    await guessWrong(stack(), ada);
    const spent = await guessWrong(stack(), ada);
    expect(spent).toMatchObject({ outcome: 'incorrect', status: { step: 'awaitingCode', email: { guessesLeft: 0 } } });
    expect(spent).not.toHaveProperty('status.allowed.submitCode');
    await expect(guessWrong(stack(), ada)).rejects.toMatchObject({ code: 'not_now' });
    await stack().onward.resend(ada, {}, app);
    expect(await untilAt(stack(), ada, 'emailPending.awaitingCode')).toMatchObject({ email: { guessesLeft: 1 } });
    expect(await guessWrong(stack(), ada)).toMatchObject({ outcome: 'incorrect', status: { step: 'locked' } });
    await stack().onward.retry(ada, { reason: 'spoke to her' }, operator);
    expect(await enterCode(stack(), ada, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it('is told when the next send is allowed', async () => {
    const bo = user('bo');
    await stack().onward.start(bo, { accountType: 'individual' });
    await untilAt(stack(), bo, 'emailPending.awaitingCode');
    await stack().onward.resend(bo, {}, app);
    await untilAt(stack(), bo, 'emailPending.awaitingCode');
    const refused = await stack()
      .onward.resend(bo, {}, app)
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'cooling_down' });
    const { retryAt } = refused as { retryAt: Date };
    expect(retryAt.getTime() - Date.now()).toBeGreaterThan(9 * 60_000);
  });
});

const short = { ...quickPolicy, codeLife: 400, reminderAfter: 60_000, journeyLife: 60_000 };

tell('a code of which nobody knows', { policy: short }, (stack) => {
  it('is followed by one more after its assumed life, and then the journey stalls and still takes a code', async () => {
    const cy = user('cy');
    stack().sfox.script(cy, 'send', ['reset-after', 'reset-after']);
    await stack().onward.start(cy, { accountType: 'individual' });
    const status = await untilAt(stack(), cy, 'emailPending.stalled');
    expect(status).toMatchObject({
      stalled: { reason: 'providerUnavailable' },
      email: { sends: 2, lastSend: { outcome: 'unknown' } },
      allowed: { submitCode: { channel: 'email' }, retry: {} },
    });
    expect(await guessWrong(stack(), cy)).toMatchObject({ outcome: 'incorrect', status: { step: 'stalled' } });
    expect(await enterCode(stack(), cy, 'email')).toMatchObject({ outcome: 'verified' });
  });
});

tell('a user who is silent', { policy: { ...quickPolicy, reminderAfter: 300, journeyLife: 4_000 } }, (stack) => {
  it('is reminded once, and then the journey expires; a restart begins anew', async () => {
    const dee = user('dee');
    await stack().onward.start(dee, { accountType: 'individual' });
    // Nobody asks it meanwhile: a query that meets an eviction can cost an uncached run ten seconds of its short life.
    await eventually(async () => {
      const { status } = await stack().client.workflow.getHandle(`onboarding:${dee}`).describe();
      return status.name === 'FAILED';
    }, 'the journey has expired');
    const expired = await untilAt(stack(), dee, 'expired');
    expect(expired).toMatchObject({ email: { sends: 2 }, allowed: {} });
    expect(callsOf(stack(), dee)).toEqual(['send email 200', 'send email 200']);
    expect(await stack().onward.start(dee, { accountType: 'individual' })).toEqual({ started: false });
    await expect(stack().onward.resend(dee, {}, app)).rejects.toMatchObject({ code: 'not_now', state: 'expired' });
    const calm = stack().facade({ policy: quickPolicy });
    await calm.restart(dee, { reason: 'came back' }, app);
    const again = await untilAt(stack(), dee, 'emailPending.awaitingCode');
    expect(again.email?.sends).toBe(3);
    expect(again.revision).toBeGreaterThan(expired.revision ?? 0);
    const told = (await timelineOf(stack(), dee)).map(({ what }) => what);
    expect(told).toContain('Started');
    expect(told).toContain('Started again');
  });
});

tell('an operator', {}, (stack) => {
  it('cancels a journey, which ends as cancelled and can be begun anew by operators alone', async () => {
    const eli = user('eli');
    await stack().onward.start(eli, { accountType: 'individual' });
    await untilAt(stack(), eli, 'emailPending.awaitingCode');
    await stack().onward.cancel(eli, { reason: 'fraud' }, operator);
    await eventually(async () => {
      const { status } = await stack().client.workflow.getHandle(`onboarding:${eli}`).describe();
      return status.name === 'CANCELLED';
    }, 'the execution is cancelled');
    expect(await statusOf(stack(), eli)).toMatchObject({ state: 'cancelled', email: { sends: 1 } });
    expect((await timelineOf(stack(), eli)).at(-1)).toMatchObject({ by: 'operator night', reason: 'fraud' });
    await expect(stack().onward.restart(eli, { reason: 'again' }, app)).rejects.toMatchObject({ code: 'not_now' });
    await stack().onward.restart(eli, { reason: 'a mistake' }, operator);
    await untilAt(stack(), eli, 'emailPending.awaitingCode');
  });

  it("cancels a journey in Temporal's own UI just as well", async () => {
    const fay = user('fay');
    await stack().onward.start(fay, { accountType: 'individual' });
    await untilAt(stack(), fay, 'emailPending.awaitingCode');
    await stack().client.workflow.getHandle(`onboarding:${fay}`).cancel();
    expect(await untilAt(stack(), fay, 'cancelled')).toMatchObject({ state: 'cancelled', email: { sends: 1 } });
    await eventually(async () => {
      const { status } = await stack().client.workflow.getHandle(`onboarding:${fay}`).describe();
      return status.name === 'CANCELLED';
    }, 'the execution is cancelled');
  });

  it('cancels a journey whose send is in flight, once its outcome is known', async () => {
    const gus = user('gus');
    stack().sfox.script(gus, 'send', [{ delay: 500 }]);
    await stack().onward.start(gus, { accountType: 'individual' });
    await untilAt(stack(), gus, 'emailPending.sending');
    await stack().onward.cancel(gus, { reason: 'fraud' }, operator);
    expect(await untilAt(stack(), gus, 'cancelled')).toMatchObject({ email: { lastSend: { outcome: 'sent' } } });
  });

  it('is refused without history what a journey does not take', async () => {
    const hal = user('hal');
    await stack().onward.start(hal, { accountType: 'individual' });
    await untilAt(stack(), hal, 'emailPending.awaitingCode');
    const before = (await historyOf(stack(), hal)).length;
    await expect(stack().onward.retry(hal, { reason: 'impatient' }, operator)).rejects.toMatchObject({
      code: 'not_now',
      message: 'retry is not allowed in emailPending.awaitingCode',
    });
    await expect(stack().onward.resume(hal, { reason: 'impatient' }, operator)).rejects.toMatchObject({
      code: 'not_now',
    });
    expect(await historyOf(stack(), hal)).toHaveLength(before);
  });

  it('presses the same button twice under one key, and is heard once', async () => {
    const ivy = user('ivy');
    await stack().onward.start(ivy, { accountType: 'individual' });
    await untilAt(stack(), ivy, 'emailPending.awaitingCode');
    const keyed = { ...operator, idempotencyKey: 'button' };
    await Promise.all([1, 2].map(() => stack().onward.resend(ivy, {}, keyed)));
    await untilAt(stack(), ivy, 'emailPending.awaitingCode');
    expect(callsOf(stack(), ivy)).toHaveLength(2);
    await expect(stack().onward.resend(ivy, { channel: 'email' }, keyed)).rejects.toMatchObject({
      code: 'key_reused',
    });
  });
});
