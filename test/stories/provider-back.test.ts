import { expect, it } from '@jest/globals';
import { tell } from '../support/both.ts';
import { callsOf, eventually, operator, quickPolicy, timelineOf, untilAt, user } from '../support/stack.ts';

const patient = { ...quickPolicy, retrySendFor: 6_000 };

tell('a provider that comes back in time', { policy: patient }, (stack) => {
  it('gets the send again after 1 and 2 s, as one entry of the ledger', async () => {
    const ada = user('ada');
    stack().sfox.script(ada, 'send', [{ status: 503 }, { status: 503 }]);
    await stack().onward.start(ada, { accountType: 'individual' });
    expect(await untilAt(stack(), ada, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
    expect(callsOf(stack(), ada)).toEqual(['send email 503', 'send email 503', 'send email 200']);
    expect((await timelineOf(stack(), ada)).map(({ what }) => what)).toHaveLength(2);
  });

  it('is asked at 0, 1 and 3 s within a retry limit of 6 s, and not at 7', async () => {
    const bo = user('bo', '.maintenance');
    await stack().onward.start(bo, { accountType: 'individual' });
    await untilAt(stack(), bo, 'emailPending.stalled');
    expect(callsOf(stack(), bo)).toHaveLength(3);
  });

  it('is waited for as long as its 429 says', async () => {
    const cy = user('cy', '.rate-limited');
    await stack().onward.start(cy, { accountType: 'individual' });
    await untilAt(stack(), cy, 'emailPending.awaitingCode');
    const [first, second] = stack()
      .sfox.requests()
      .filter(({ userId }) => userId === cy);
    expect(Date.parse(String(second?.at)) - Date.parse(String(first?.at))).toBeGreaterThanOrEqual(950);
  });

  it('is left alone once a journey is paused in the middle of its tries', async () => {
    const dee = user('dee');
    stack().sfox.script(dee, 'send', [{ status: 503 }, { status: 503 }]);
    await stack().onward.start(dee, { accountType: 'individual' });
    await eventually(() => callsOf(stack(), dee).length > 0, 'the first try was made');
    await stack().onward.pause(dee, { reason: 'quiet' }, operator);
    await untilAt(stack(), dee, 'emailPending.paused');
    const tries = callsOf(stack(), dee).length;
    await new Promise((wake) => setTimeout(wake, 1_500));
    expect(callsOf(stack(), dee)).toHaveLength(tries);
    await stack().onward.resume(dee, { reason: 'go on' }, operator);
    expect(await untilAt(stack(), dee, 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
  });
});
