import { expect, it } from '@jest/globals';
import { describeCachedAndReplayed } from '../support/cached-and-replayed.ts';
import {
  callsOf,
  waitUntil,
  operator,
  quickPolicy,
  statusOf,
  timelineOf,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';

const patient = { ...quickPolicy, retrySendFor: 6_000, unknownUserFor: 6_000 };

describeCachedAndReplayed('a provider that comes back in time', { policy: patient }, (stack) => {
  it('is called again after 1 and 2 s for an unknown user, as one entry of the ledger', async () => {
    const ada = uniqueUserId('ada');
    stack().sfox.script(ada, 'send', [{ status: 404 }, { status: 404 }]);
    await stack().onward.start(ada, { accountType: 'individual' });
    expect(await waitForPosition(stack(), ada, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
    expect(callsOf(stack(), ada)).toEqual(['send email 404', 'send email 404', 'send email 200']);
    expect((await timelineOf(stack(), ada)).map(({ what }) => what)).toHaveLength(2);
  });

  it('is called at 0, 1 and 3 s within a retry limit of 6 s, and not at 7', async () => {
    const bo = uniqueUserId('bo', '.unknown-user');
    await stack().onward.start(bo, { accountType: 'individual' });
    expect(await waitForPosition(stack(), bo, 'emailPending.stalled')).toMatchObject({
      stalled: { reason: 'unknownUser' },
    });
    expect(callsOf(stack(), bo)).toHaveLength(3);
  });

  it('is retried after a 503, and each attempt counts as a send', async () => {
    const eva = uniqueUserId('eva');
    stack().sfox.script(eva, 'send', [{ status: 503 }, { status: 503 }]);
    await stack().onward.start(eva, { accountType: 'individual' });
    await waitUntil(() => callsOf(stack(), eva).length === 3, 'it was tried three times');
    expect(callsOf(stack(), eva)).toEqual(['send email 503', 'send email 503', 'send email 200']);
    await waitUntil(
      async () => (await statusOf(stack(), eva)).email?.lastSend?.outcome === 'sent',
      'the third one was taken',
    );
    expect(await statusOf(stack(), eva)).toMatchObject({ step: 'awaitingCode', email: { sends: 3 } });
  });

  it('is called again after the Retry-After of a 429', async () => {
    const cy = uniqueUserId('cy', '.rate-limited');
    await stack().onward.start(cy, { accountType: 'individual' });
    await waitForPosition(stack(), cy, 'emailPending.awaitingCode');
    const [first, second] = stack()
      .sfox.requests()
      .filter(({ userId }) => userId === cy);
    expect(Date.parse(String(second?.at)) - Date.parse(String(first?.at))).toBeGreaterThanOrEqual(950);
  });

  it('is not called again once the journey is paused between attempts', async () => {
    const dee = uniqueUserId('dee');
    stack().sfox.script(dee, 'send', [{ status: 404 }, { status: 404 }]);
    await stack().onward.start(dee, { accountType: 'individual' });
    await waitUntil(() => callsOf(stack(), dee).length > 0, 'the first try was made');
    await stack().onward.pause(dee, { reason: 'quiet' }, operator);
    await waitForPosition(stack(), dee, 'emailPending.paused');
    const tries = callsOf(stack(), dee).length;
    await new Promise((wake) => setTimeout(wake, 1_500));
    expect(callsOf(stack(), dee)).toHaveLength(tries);
    await stack().onward.resume(dee, { reason: 'go on' }, operator);
    expect(await waitForPosition(stack(), dee, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
  });
});
