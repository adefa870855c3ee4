import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { startOutage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { app, callsOf, quickPolicy, statusOf, timelineOf, waitForPosition } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

/** A user has left at once, unless they have just requested a code. */
const policy = { ...quickPolicy, automaticSends: { notAfter: 0, quietHours: null } };

it('offers the codes of users who have left after an outage, and sends them at their next visit', async () => {
  await startOutage(
    server.address,
    {},
    async ({ stack, strand, trigger, untilOver }) => {
      const users = await strand(6);
      const [first = '', second = ''] = users;
      stack.sfox.outage(false);
      expect(await untilOver(await trigger())).toMatchObject({
        state: 'idle',
        run: { done: 0, offered: 6, notAnswered: 0, remaining: 0 },
      });
      for (const userId of users) {
        await waitForPosition(stack, userId, 'emailPending.awaitingCode');
        expect(await statusOf(stack, userId)).toMatchObject({ offered: { channel: 'email' }, stalled: null });
        expect(stack.sfox.outbox(userId)).toEqual([]);
      }
      expect((await timelineOf(stack, first)).map(({ what }) => what)).toContain(
        'Offered the e-mail code that was due: it is sent when the user comes back',
      );

      expect(await stack.onward.visit(first, {}, app)).toMatchObject({ step: 'sending', offered: null });
      await waitForPosition(stack, first, 'emailPending.awaitingCode');
      expect(stack.sfox.outbox(first)).toHaveLength(1);
      const revision = (await statusOf(stack, first)).revision;
      expect(await stack.onward.visit(first, {}, app)).toMatchObject({ step: 'awaitingCode', revision });
      expect(stack.sfox.outbox(first)).toHaveLength(1);
      await stack.onward.resend(second, {}, app);
      await waitForPosition(stack, second, 'emailPending.awaitingCode');
      expect(callsOf(stack, second).filter((call) => call === 'send email 200')).toHaveLength(1);
    },
    { policy },
  );
});
