import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setup } from '../../client/setup.ts';
import { Stalled } from '../../client/stalled.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { startHeldUp } from '../support/held-up.ts';
import { inAnOutage, SELDOM } from '../support/outage.ts';
import type { Outage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { callsOf, eventually, operator, statusOf, timelineOf, untilAt, user } from '../support/stack.ts';
import { journeyId } from '../../workflows/contract.ts';
import { SECOND } from '../../workflows/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import type { Place } from '../../workflows/recovery/contract.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

const because = { reason: 'three in the morning' };

it('tries one canary first, and then the others at a pace, the oldest stall first', async () => {
  // It tells two seconds' worth in one go, so that it continues as new on the way.
  await inAnOutage(server.address, { slices: 2 }, async ({ stack, recovery, strand, trigger, untilOver }) => {
    expect(await recovery.status()).toMatchObject({
      state: 'idle',
      run: null,
      settings: { perSecond: 5, upToPerSecond: 20 },
    });
    const users = await strand(30);
    stack.sfox.outage(false);
    const began = stack.sfox.requests().length;
    const status = await untilOver(await trigger());
    expect(status).toMatchObject({ state: 'idle', run: { done: 30, notJudged: 0, canary: users[0] } });

    const asked = stack.sfox.requests().slice(began);
    expect(asked.slice(0, 2).map(({ call, userId }) => `${call} ${userId}`)).toEqual([
      `read ${users[0]}`,
      `send ${users[0]}`,
    ]);
    const sends = asked.filter(({ call }) => call === 'send');
    const early = new Set(sends.slice(1, 11).map(({ userId }) => userId));
    expect(early).toEqual(new Set(users.slice(1, 11)));
    // At five a second the last of 29 is 28 fifths of a second behind the first, and that one waited for the canary.
    const [canary, last] = [sends[0], sends.at(-1)].map((send) => Date.parse(send?.at ?? ''));
    expect((last ?? 0) - (canary ?? 0)).toBeGreaterThan((27 / 5) * SECOND);
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
});

it('finds the oldest stall first, however few are held in memory', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand }) => {
    const users = [...(await strand(12)), ...(await strand(12))];
    const stalled = new Stalled(stack.client, stack.taskQueue, 4);
    const before = new Date().toISOString();
    const [passedOver = ''] = users;
    const found: string[] = [];
    for (let after: Place | null = null; ;) {
      const { places, left } = await stalled.oldest({ after, before, most: 5, passOver: [passedOver] });
      expect(left).toBe(24);
      if (places.length === 0) break;
      expect(places.length).toBeLessThanOrEqual(5);
      found.push(...places.map(({ userId }) => userId));
      after = places.at(-1) ?? null;
    }
    expect(found).toEqual(users.slice(1));
  });
});

it('doubles its pace while all goes well, up to what is set', async () => {
  const settings = { recovery: { every: SELDOM, perSecond: 4, upToPerSecond: 12 }, doubleEvery: SECOND };
  await inAnOutage(server.address, settings, async ({ stack, strand, trigger, untilOver }) => {
    await strand(26);
    stack.sfox.outage(false);
    const status = await untilOver(await trigger());
    // Eight in two seconds, sixteen in the next two, and the last one at twelve a second.
    expect(status).toMatchObject({ state: 'idle', run: { done: 26, pace: 12 } });
  });
});

it('goes no further while the canary is not judged, which shows stalled until it is', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [canary = '', ...others] = await strand(4);
    const { stalled } = await statusOf(stack, canary);
    stack.sfox.outage(false);
    // oxlint-disable-next-line unicorn/no-thenable -- `then` holds a fault, never a function
    stack.sfox.script(canary, 'send', [{ delay: 700, then: { status: 503 } }]);
    const before = await trigger();
    await eventually(() => callsOf(stack, canary).includes('read 200'), 'its record was read');
    expect(await statusOf(stack, canary)).toMatchObject({ step: 'stalled', stalled, email: { sends: 0 } });
    const status = await untilOver(before);
    expect(status).toMatchObject({
      state: 'waiting',
      run: { done: 0, pace: null, outcome: 'the provider is not back' },
    });
    expect(await untilAt(stack, canary, 'emailPending.stalled')).toMatchObject({ stalled: { since: stalled?.since } });
    expect(callsOf(stack, canary).slice(-2)).toEqual(['read 200', 'send email 503']);
    expect(others.flatMap((userId) => callsOf(stack, userId)).every((call) => call === 'send email 503')).toBe(true);
  });
});

it('takes another canary each time, so that one hopeless user never blocks the rest', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [hopeless = ''] = await strand(1, '.maintenance');
    const others = await strand(4);
    stack.sfox.outage(false);
    const first = await untilOver(await trigger());
    expect(first).toMatchObject({ state: 'waiting', run: { canary: hopeless, done: 0 } });
    const second = await untilOver(await trigger());
    expect(second).toMatchObject({ state: 'idle', run: { canary: others[0], done: 4, notJudged: 1 } });
    for (const userId of others) await untilAt(stack, userId, 'emailPending.awaitingCode');
    // Only that user is left, and is looked at now and then.
    const third = await untilOver(await trigger());
    expect(third).toMatchObject({ state: 'waiting', run: { canary: hopeless, left: 1 } });
  });
});

it('passes over a journey that no worker can go on with', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const heldUp = await startHeldUp(stack);
    const others = await strand(3);
    stack.sfox.outage(false);
    expect(await untilOver(await trigger())).toMatchObject({ state: 'idle', run: { done: 3, notJudged: 0 } });
    for (const userId of others) await untilAt(stack, userId, 'emailPending.awaitingCode');
    await stack.client.workflow.getHandle(journeyId(heldUp)).terminate();
  });
});

it('passes over users in the row whom the provider does not judge, while it judges others', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [canary] = await strand(1);
    const hopeless = await strand(3);
    const others = await strand(5);
    stack.sfox.outage(false);
    for (const userId of hopeless) stack.sfox.script(userId, 'send', [{ status: 503 }]);
    const status = await untilOver(await trigger());
    expect(status).toMatchObject({ state: 'idle', run: { canary, done: 6, notJudged: 3 } });
    for (const userId of others) await untilAt(stack, userId, 'emailPending.awaitingCode');
    // They are tried again by the next run, one after the other.
    const next = await untilOver(await trigger());
    expect(next).toMatchObject({ state: 'idle', run: { done: 3, notJudged: 0 } });
  });
});

it('stops when the provider fails again, and goes on from another canary when it is back', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const users = await strand(25);
    stack.sfox.outage(false);
    const before = await trigger();
    const sent = () => users.filter((userId) => stack.sfox.outbox(userId).length > 0).length;
    await eventually(() => sent() > 7, 'the drain is under way');
    stack.sfox.outage(true);
    const asked = stack.sfox.requests().length;
    const stopped = await untilOver(before);
    expect(stopped).toMatchObject({ state: 'waiting', run: { outcome: 'the provider has failed again' } });
    expect(stopped.run?.done).toBe(sent());
    // At five a second a try or two are in flight when the first is not judged, and one record is read.
    expect(stack.sfox.requests().length - asked).toBeLessThanOrEqual(6);

    stack.sfox.outage(false);
    const over = await untilOver(await trigger());
    expect(over.run?.canary).not.toBe(stopped.run?.canary);
    expect(sent()).toBe(25);
    for (const userId of users) expect(stack.sfox.outbox(userId)).toHaveLength(1);
  });
});

it('leaves alone whom time does not heal, and drains a wrong key once it works', async () => {
  await inAnOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const key = stack.sfox.apiKey;
    const refused = user('refused', '.refused');
    stack.sfox.outage(false);
    await stack.onward.start(refused, { accountType: 'individual' });
    await untilAt(stack, refused, 'emailPending.stalled');
    stack.sfox.newKey('another');
    const [canary = '', held = '', other = ''] = await strand(3);
    expect(await statusOf(stack, other)).toMatchObject({ stalled: { reason: 'credentials' } });
    await stack.onward.pause(held, because, operator);
    const waiting = await untilOver(await trigger());
    expect(waiting).toMatchObject({ state: 'waiting', run: { outcome: 'the provider refuses the key' } });
    expect(callsOf(stack, canary)).toEqual(['send email 401', 'read 401']);

    stack.sfox.newKey(key);
    const over = await untilOver(await trigger());
    expect(over).toMatchObject({ state: 'idle', run: { done: 2, left: 0 } });
    await untilAt(stack, other, 'emailPending.awaitingCode');
    expect(callsOf(stack, held)).toEqual(['send email 401']);
    expect(callsOf(stack, refused)).toEqual(['send email 422']);
  });
});

it('is paused, resumed and asked for by operators, who say why', async () => {
  // So slow that a busy machine pauses it long before its end.
  const slow = { every: SELDOM, perSecond: 2, upToPerSecond: 2 };
  await inAnOutage(server.address, { recovery: slow }, async ({ stack, recovery, strand, trigger, untilOver }) => {
    const users = await strand(40);
    stack.sfox.outage(false);
    const before = await trigger();
    expect((await recovery.status()).acts.triggered).toMatchObject({ by: operator, reason: 'three in the morning' });
    const draining = await eventually(async () => {
      const status = await recovery.status();
      return status.state === 'draining' && status;
    }, 'the drain is under way');
    expect(draining.run).toMatchObject({ canary: users[0], pace: 2, left: expect.any(Number) });
    await recovery.pause({ reason: 'too loud' }, operator);
    const held = await untilOver(before);
    expect(held).toMatchObject({
      state: 'paused',
      nextRunAt: null,
      run: { outcome: 'an operator has paused it' },
      acts: { paused: { by: operator, reason: 'too loud', at: expect.any(String) } },
    });
    expect(held.run?.done).toBeLessThan(40);

    // What the setup changes leaves it paused.
    const settings = { every: SELDOM, perSecond: 20, upToPerSecond: 20 };
    expect(await setup(stack.client, { recovery: settings, taskQueue: stack.taskQueue })).toMatchObject({
      schedule: 'changed',
    });
    expect(await recovery.status()).toMatchObject({ state: 'paused', settings, acts: held.acts });
    expect(await recovery.resume({ reason: 'go on' }, operator)).toMatchObject({ nextRunAt: expect.any(String) });
    expect(await untilOver(await trigger())).toMatchObject({
      state: 'idle',
      run: { left: 0 },
    });
    await expect(recovery.pause({ reason: ' ' }, operator)).rejects.toMatchObject({ field: 'reason' });
  });
});

it('never has two runs at once, and goes on when its worker stops in the drain', async () => {
  // Slow enough that a busy machine sees it drain.
  const quick = { recovery: { every: SECOND, perSecond: 3, upToPerSecond: 3 } };
  await inAnOutage(server.address, quick, async ({ stack, recovery, strand, trigger }) => {
    const users = await strand(20);
    stack.sfox.outage(false);
    let most = 0;
    const look = async () => {
      const { count } = await stack.client.workflow.count(`WorkflowType = 'recovery' AND ExecutionStatus = 'Running'`);
      most = Math.max(most, count);
    };
    await eventually(async () => {
      await look();
      return (await recovery.status()).state === 'draining';
    }, 'the drain is under way');
    await trigger();
    await stack.stopWorkers();
    expect(await recovery.status()).toMatchObject({ state: 'draining', run: { pace: 3 } });
    await stack.startWorker();
    await eventually(async () => {
      await look();
      return users.every((userId) => stack.sfox.outbox(userId).length > 0);
    }, 'everybody was sent a code');
    expect(most).toBe(1);
    const { info } = await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).describe();
    expect(info.numActionsSkippedOverlap).toBeGreaterThan(0);
    for (const userId of users) expect(stack.sfox.outbox(userId)).toHaveLength(1);
  });
});

it('lets a code that a user asks for go before those that it tries again', async () => {
  const settings = { recovery: { every: SELDOM, perSecond: 50, upToPerSecond: 50 } };
  const slow = { worker: { rates: { sendsPerSecond: 3, checksPerSecond: 50 } } };
  const tell = async ({ stack, recovery, strand, trigger, untilOver }: Outage) => {
    const users = await strand(24);
    stack.sfox.outage(false);
    const before = await trigger();
    await eventually(async () => (await recovery.status()).state === 'draining', 'the drain is under way');
    const ada = user('ada');
    await stack.onward.start(ada, { accountType: 'individual' });
    await eventually(() => stack.sfox.outbox(ada).length > 0, 'ada has her code');
    expect(users.some((userId) => stack.sfox.outbox(userId).length === 0)).toBe(true);
    expect(await untilOver(before)).toMatchObject({ run: { done: 24 } });
  };
  await inAnOutage(server.address, settings, tell, slow);
});
