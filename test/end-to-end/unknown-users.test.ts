import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { runDoctor } from '../support/doctor.ts';
import { startOutage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { callsOf, quickPolicy, timelineOf, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server?.stop());

it('retries users that the provider does not know once an hour, and names them until then', async () => {
  await startOutage(server.address, {}, async ({ stack, trigger, untilOver }) => {
    stack.sfox.outage(false);
    const [early, late] = [uniqueUserId('early'), uniqueUserId('late')];
    const sendsOf = (userId: string) => callsOf(stack, userId).filter((call) => call.startsWith('send email'));
    stack.sfox.script(early, 'send', [{ status: 404 }]);
    stack.sfox.script(late, 'send', [{ status: 404 }, { status: 404 }]);
    const onward = stack.facade({ policy: quickPolicy });
    for (const userId of [early, late]) {
      await onward.start(userId, { accountType: 'individual' });
      expect(await waitForPosition(stack, userId, 'emailPending.stalled')).toMatchObject({
        stalled: { reason: 'unknownUser' },
      });
    }
    const blocker = await waitUntil(async () => {
      const { blockers } = await onward.summary();
      return blockers.find(({ kind, journeys }) => kind === 'unknownUser' && journeys === 2);
    }, 'both are counted');
    expect(blocker.description).toContain('does not know the user of 2 journeys yet');
    const { journeys } = await runDoctor(stack.client, stack);
    expect(journeys).toContainEqual(
      expect.objectContaining({ code: 'unknownUser', ok: false, fix: expect.stringContaining('--reason unknownUser') }),
    );

    // The first run looks at both. The provider knows one of them by now.
    await untilOver(await trigger());
    await waitForPosition(stack, early, 'emailPending.awaitingCode');
    expect([sendsOf(early), sendsOf(late)]).toEqual([
      ['send email 404', 'send email 200'],
      ['send email 404', 'send email 404'],
    ]);
    expect(await timelineOf(stack, early)).toContainEqual(expect.objectContaining({ what: 'Retried automatically' }));
    await waitForPosition(stack, late, 'emailPending.stalled');

    // Runs within the hour leave the other alone.
    for (let run = 0; run < 2; run += 1) await untilOver(await trigger());
    expect(sendsOf(late)).toHaveLength(2);
    expect((await onward.status(late)).stalled?.reason).toBe('unknownUser');
  });
});
