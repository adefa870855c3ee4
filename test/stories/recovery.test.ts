import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { inAnOutage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { callsOf, operator, timelineOf, untilAt } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

const because = { reason: 'three in the morning' };

it('tries one canary first, and then the others at a pace, the oldest stall first', async () => {
  await inAnOutage(server.address, { doubleEvery: 1_000 }, async ({ stack, recovery, strand, untilOver }) => {
    const before = await recovery.status();
    expect(before).toMatchObject({ state: 'idle', run: null, settings: { perSecond: 5, upToPerSecond: 20 } });
    const users = await strand(30);
    stack.sfox.outage(false);
    const began = stack.sfox.requests().length;
    await recovery.trigger(because, operator);
    const status = await untilOver(before);
    expect(status).toMatchObject({ state: 'idle', run: { done: 30, notJudged: 0, canary: users[0] } });

    const asked = stack.sfox.requests().slice(began);
    expect(asked.slice(0, 2).map(({ call, userId }) => `${call} ${userId}`)).toEqual([
      `read ${users[0]}`,
      `send ${users[0]}`,
    ]);
    const sends = asked.filter(({ call }) => call === 'send');
    expect(sends.slice(1, 11).map(({ userId }) => userId).toSorted()).toEqual(users.slice(1, 11).toSorted());
    for (const userId of users) {
      expect(callsOf(stack, userId).filter((call) => call === 'send email 200')).toHaveLength(1);
    }
    const story = await timelineOf(stack, users[5] ?? '');
    expect(story.find(({ what }) => what === 'Tried again')).toMatchObject({
      by: 'onward recovery',
      reason: 'the provider is back (night: three in the morning)',
    });
    await untilAt(stack, users[29] ?? '', 'emailPending.awaitingCode');
  });
}, 90_000);
