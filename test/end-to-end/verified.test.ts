import { expect, it } from '@jest/globals';
import { describeCachedAndReplayed } from '../support/cached-and-replayed.ts';
import {
  app,
  callsOf,
  enterCode,
  historyOf,
  newestCode,
  operator,
  quickPolicy,
  waitForPosition,
  uniqueUserId,
  statusOf,
  timelineOf,
} from '../support/stack.ts';

describeCachedAndReplayed('a user who verifies', {}, (stack) => {
  it('is done after two codes, in at most 41 events and 9 billable actions', async () => {
    const ada = uniqueUserId('ada');
    expect(await stack().onward.start(ada, { accountType: 'individual' })).toEqual({ started: true });
    await waitForPosition(stack(), ada, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), ada, 'email')).toMatchObject({ outcome: 'verified' });
    await waitForPosition(stack(), ada, 'smsPending.awaitingCode');
    expect(await enterCode(stack(), ada, 'sms')).toMatchObject({ outcome: 'verified' });
    expect(await waitForPosition(stack(), ada, 'done')).toMatchObject({
      step: null,
      live: true,
      email: { status: 'verified', evidence: 'code', sends: 1, lastSend: { outcome: 'sent' } },
      sms: { status: 'verified', evidence: 'code', sends: 1 },
      stalled: null,
      allowed: {},
    });
    expect(callsOf(stack(), ada)).toEqual(['send email 200', 'confirm email 200', 'send sms 200', 'confirm sms 200']);
    const history = await historyOf(stack(), ada);
    expect(history.length).toBeLessThanOrEqual(41);
    expect(billableActions(history)).toBeLessThanOrEqual(9);
  });

  it('is done after the e-mail if it is a business', async () => {
    const bea = uniqueUserId('bea', '.business');
    await stack().onward.start(bea, { accountType: 'business' });
    await waitForPosition(stack(), bea, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), bea, 'email')).toMatchObject({ outcome: 'verified', status: { state: 'done' } });
    expect(await statusOf(stack(), bea)).toMatchObject({ sms: { status: 'notNeeded', evidence: null } });
  });

  it('is done by 422 on both channels without a code, in at most 19 events', async () => {
    const bo = uniqueUserId('bo', '.both-verified');
    await stack().onward.start(bo, { accountType: 'individual' });
    expect(await waitForPosition(stack(), bo, 'done')).toMatchObject({
      email: { evidence: 'provider', sends: 0, lastSend: { outcome: 'alreadyVerified' } },
      sms: { evidence: 'provider', sends: 0 },
    });
    expect((await historyOf(stack(), bo)).length).toBeLessThanOrEqual(19);
  });

  it('requests one first code, however often the sign-up is repeated', async () => {
    const cy = uniqueUserId('cy');
    const starts = await Promise.all(
      Array.from({ length: 5 }, () => stack().onward.start(cy, { accountType: 'individual' })),
    );
    expect(starts.filter(({ started }) => started)).toHaveLength(1);
    await waitForPosition(stack(), cy, 'emailPending.awaitingCode');
    await expect(stack().onward.start(cy, { accountType: 'business' })).rejects.toMatchObject({
      code: 'account_type_differs',
    });
    expect(callsOf(stack(), cy)).toEqual(['send email 200']);
  });

  it('learns whether a code is correct', async () => {
    const dee = uniqueUserId('dee');
    await stack().onward.start(dee, { accountType: 'individual' });
    const code = await newestCode(stack(), dee, 'email');
    const wrong = code === '000000' ? '111111' : '000000';
    expect(await stack().onward.submitCode(dee, { channel: 'email', code: wrong }, app)).toMatchObject({
      outcome: 'incorrect',
      status: { state: 'emailPending', step: 'awaitingCode', email: { guessesLeft: 4 } },
    });
    expect(await stack().onward.submitCode(dee, { channel: 'email', code }, app)).toMatchObject({
      outcome: 'verified',
    });
    expect(await stack().onward.submitCode(dee, { channel: 'email', code }, app)).toMatchObject({
      outcome: 'verified',
    });
    expect(callsOf(stack(), dee).filter((call) => call.startsWith('confirm'))).toHaveLength(2);
  });

  it('checks concurrent codes one after another', async () => {
    const eli = uniqueUserId('eli');
    await stack().onward.start(eli, { accountType: 'individual' });
    const code = await newestCode(stack(), eli, 'email');
    const guesses = [...Array.from({ length: 4 }, (_, nth) => `00000${nth}`), code];
    stack().sfox.script(
      eli,
      'confirm',
      guesses.map(() => ({ delay: 40 })),
    );
    const outcomes = await Promise.all(
      guesses.map((guess) => stack().onward.submitCode(eli, { channel: 'email', code: guess }, app)),
    );
    expect(outcomes.at(-1)).toMatchObject({ outcome: 'verified' });
    const confirmations = callsOf(stack(), eli).filter((call) => call.startsWith('confirm'));
    expect(confirmations.length).toBeLessThanOrEqual(5);
  });

  it('gets the first text on request, if the policy says so', async () => {
    const fay = uniqueUserId('fay');
    await stack().onward.start(fay, { accountType: 'individual', smsStart: 'onRequest' });
    await waitForPosition(stack(), fay, 'emailPending.awaitingCode');
    await enterCode(stack(), fay, 'email');
    const rested = await waitForPosition(stack(), fay, 'emailVerified');
    expect(rested).toMatchObject({ sms: { status: 'waiting' }, allowed: { resend: {} } });
    await stack().onward.resend(fay, { channel: 'sms' }, app);
    await waitForPosition(stack(), fay, 'smsPending.awaitingCode');
  });

  it('waits for the code that the provider mailed itself', async () => {
    const gus = uniqueUserId('gus');
    const { sfox } = stack();
    await fetch(`${sfox.url}/v1/enterprise/register-account`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sfox.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: gus, account_type: 'individual' }),
    });
    await stack().onward.start(gus, { accountType: 'individual', firstEmail: 'alreadySent' });
    await waitForPosition(stack(), gus, 'emailPending.awaitingCode');
    expect(await enterCode(stack(), gus, 'email')).toMatchObject({ outcome: 'verified' });
    expect(callsOf(stack(), gus).filter((call) => call.startsWith('send email'))).toEqual([]);
  });

  it('is found verified by a recheck', async () => {
    const hal = uniqueUserId('hal');
    await stack().onward.start(hal, { accountType: 'individual' });
    await waitForPosition(stack(), hal, 'emailPending.awaitingCode');
    stack().sfox.verify(hal, 'email');
    stack().sfox.verify(hal, 'sms');
    await stack().onward.recheck(hal, {}, app);
    expect(await waitForPosition(stack(), hal, 'done')).toMatchObject({
      email: { evidence: 'provider' },
      sms: { evidence: 'provider' },
    });
    expect(callsOf(stack(), hal)).toEqual(['send email 200', 'read 200']);
  });

  it('is declared verified by an operator, and gets no text while the provider still wants the e-mail', async () => {
    const ivy = uniqueUserId('ivy');
    await stack().onward.start(ivy, { accountType: 'individual' });
    await waitForPosition(stack(), ivy, 'emailPending.awaitingCode');
    await stack().onward.override(ivy, { channel: 'email', reason: 'seen in person' }, operator);
    expect(await waitForPosition(stack(), ivy, 'smsPending.stalled')).toMatchObject({
      email: { evidence: 'operator' },
      stalled: { reason: 'providerRefused' },
    });
    stack().sfox.verify(ivy, 'email');
    await stack().onward.retry(ivy, { reason: 'the record is corrected' }, operator);
    await waitForPosition(stack(), ivy, 'smsPending.awaitingCode');
    expect(callsOf(stack(), ivy)).toEqual(['send email 200', 'read 200', 'read 200', 'send sms 200']);
    const timeline = await timelineOf(stack(), ivy);
    expect(timeline).toContainEqual(
      expect.objectContaining({ by: 'operator night', reason: 'seen in person', what: 'Marked e-mail as verified' }),
    );
  });
});

describeCachedAndReplayed('a user with cool-downs', { policy: { ...quickPolicy, cooldowns: [60_000] } }, (stack) => {
  it('gets the time of the next allowed send, which adds no history events', async () => {
    const joe = uniqueUserId('joe');
    await stack().onward.start(joe, { accountType: 'individual' });
    await waitForPosition(stack(), joe, 'emailPending.awaitingCode');
    const { length } = await historyOf(stack(), joe);
    await expect(stack().onward.resend(joe, {}, app)).rejects.toMatchObject({
      code: 'cooling_down',
      retryAt: expect.any(Date),
    });
    expect(await historyOf(stack(), joe)).toHaveLength(length);
    await expect(stack().onward.resend(joe, { channel: 'sms' }, app)).rejects.toMatchObject({ code: 'invalid_state' });
  });

  it('gets another code after the cool-down', async () => {
    const kit = uniqueUserId('kit-brief');
    const brief = stack().facade({ policy: { ...quickPolicy, cooldowns: [300, 60_000] } });
    await brief.start(kit, { accountType: 'individual' });
    await waitForPosition(stack(), kit, 'emailPending.awaitingCode');
    await new Promise((wake) => setTimeout(wake, 400));
    await brief.resend(kit, { channel: 'email' }, app);
    expect(await waitForPosition(stack(), kit, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 2 } });
  });
});

type Events = Awaited<ReturnType<typeof historyOf>>;

/** What Temporal Cloud bills of a history (docs.temporal.io/cloud/actions): start, timers, activities, upserts, updates. */
function billableActions(events: Events): number {
  const billed = [
    'workflowExecutionStartedEventAttributes',
    'timerStartedEventAttributes',
    'activityTaskScheduledEventAttributes',
    'upsertWorkflowSearchAttributesEventAttributes',
    'workflowExecutionUpdateAcceptedEventAttributes',
  ] as const;
  return events.filter((event) => billed.some((kind) => event[kind] != null)).length;
}
