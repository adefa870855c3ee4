import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../workflows/journey/policy/policy.ts';
import type { Policy, QuietHours } from '../../workflows/journey/policy/policy.ts';
import { startOutage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { app, quickPolicy, statusOf, waitForPosition, waitUntil } from '../support/stack.ts';

/**
 * An outage that ends at night. The night of the test lasts as long as the test wants: it is four in the morning in the time zone of its
 * users, and where the night ends soon, their clocks go forward to the morning.
 */

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

const MINUTES_A_DAY = DAY / MINUTE;

/** Quiet hours from midnight to eight. It is four o'clock now, and ten o'clock at `until`. */
function nightUntil(until: number): QuietHours {
  const utc = Math.floor(Date.now() / MINUTE) % MINUTES_A_DAY;
  const minutes = 4 * 60 - utc;
  return {
    from: 0,
    to: 8 * 60,
    offsets: [
      { from: 0, minutes },
      { from: until, minutes: minutes + 6 * 60 },
    ],
  };
}

const atNight = (until: number, notAfter = DAY): Policy => ({
  ...quickPolicy,
  automaticSends: { notAfter, quietHours: nightUntil(until) },
});

it('sends nothing when the provider is back at night, and sends at the end of the night to those who still wait', async () => {
  const endsAt = Date.now() + 30 * SECOND;
  await startOutage(
    server.address,
    {},
    async ({ stack, strand, trigger, untilOver }) => {
      const users = await strand(4);
      stack.sfox.outage(false);
      const { run } = await untilOver(await trigger());
      // On a slow machine the night may be over by then.
      expect((run?.offered ?? 0) + (run?.done ?? 0)).toBe(4);
      for (const userId of users) {
        await waitUntil(() => stack.sfox.outbox(userId).length > 0, 'the night is over');
        await waitForPosition(stack, userId, 'emailPending.awaitingCode');
        const mails = stack.sfox.outbox(userId);
        expect(mails).toHaveLength(1);
        expect(Date.parse(mails[0]?.at ?? '')).toBeGreaterThanOrEqual(endsAt);
        expect(await statusOf(stack, userId)).toMatchObject({ offered: null });
      }
    },
    { policy: atNight(endsAt) },
  );
});

it('sends nothing to users in quiet hours until they come back', async () => {
  await startOutage(
    server.address,
    {},
    async ({ stack, strand, trigger, untilOver }) => {
      const users = await strand(3);
      stack.sfox.outage(false);
      expect(await untilOver(await trigger())).toMatchObject({ run: { done: 0, offered: 3, notAnswered: 0 } });
      const [first = ''] = users;
      for (const userId of users) {
        expect(await statusOf(stack, userId)).toMatchObject({ step: 'awaitingCode', offered: { channel: 'email' } });
        expect(stack.sfox.outbox(userId)).toEqual([]);
      }
      // Who comes back at night asks for the code, so quiet hours are not in the way.
      await stack.onward.visit(first, {}, app);
      await waitForPosition(stack, first, 'emailPending.awaitingCode');
      expect(users.map((userId) => stack.sfox.outbox(userId).length)).toEqual([1, 0, 0]);
    },
    { policy: atNight(Date.now() + 4 * HOUR) },
  );
});
