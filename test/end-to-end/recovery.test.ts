import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { setup } from '../../client/temporal/setup.ts';
import { StalledJourneys } from '../../client/search/stalled-journeys.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { Attacker } from '../security/attacker.ts';
import { startBlockedJourney } from '../support/blocked-journey.ts';
import { startOutage, NEVER_BY_ITSELF } from '../support/outage.ts';
import type { Outage } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import {
  callsOf,
  quickPolicy,
  waitUntil,
  operator,
  statusOf,
  timelineOf,
  waitForPosition,
  uniqueUserId,
} from '../support/stack.ts';
import { journeyId } from '../../workflows/contract.ts';
import { HOUR, SECOND } from '../../workflows/journey/policy/policy.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import type { QueuePosition } from '../../workflows/recovery/contract.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

const because = { reason: 'three in the morning' };

it('retries one canary first, then the others at a limited rate, the oldest stall first', async () => {
  // One batch is two seconds' worth, so that it continues as new on the way.
  await startOutage(server.address, { slices: 2 }, async ({ stack, recovery, strand, trigger, untilOver }) => {
    expect(await recovery.status()).toMatchObject({
      state: 'idle',
      run: null,
      settings: { perSecond: 5, upToPerSecond: 20 },
    });
    const users = await strand(30);
    stack.sfox.outage(false);
    const began = stack.sfox.requests().length;
    const status = await untilOver(await trigger());
    expect(status).toMatchObject({ state: 'idle', run: { done: 30, notAnswered: 0, canary: users[0] } });

    const requests = stack.sfox.requests().slice(began);
    expect(requests.slice(0, 2).map(({ call, userId }) => `${call} ${userId}`)).toEqual([
      `read ${users[0]}`,
      `send ${users[0]}`,
    ]);
    const sends = requests.filter(({ call }) => call === 'send');
    const early = new Set(sends.slice(1, 11).map(({ userId }) => userId));
    expect(early).toEqual(new Set(users.slice(1, 11)));
    // At five a second the last of 29 is 28 fifths of a second behind the first, and that one waited for the canary.
    const [canary, last] = [sends[0], sends.at(-1)].map((send) => Date.parse(send?.at ?? ''));
    expect((last ?? 0) - (canary ?? 0)).toBeGreaterThan((27 / 5) * SECOND);
    for (const userId of users) {
      expect(callsOf(stack, userId).filter((call) => call === 'send email 200')).toHaveLength(1);
    }
    const story = await timelineOf(stack, users[5] ?? '');
    expect(story.find(({ what }) => what === 'Retried automatically')).toMatchObject({
      by: 'onward recovery',
      reason: 'the provider is back (night: three in the morning)',
    });
    await waitForPosition(stack, users[29] ?? '', 'emailPending.awaitingCode');
  });
});

it('finds the oldest stall first, however small its page is', async () => {
  await startOutage(server.address, {}, async ({ stack, strand }) => {
    const users = [...(await strand(12)), ...(await strand(12))];
    const stalled = new StalledJourneys(stack.client, stack.taskQueue, 4);
    const before = new Date().toISOString();
    const [passedOver = ''] = users;
    const found: string[] = [];
    for (let after: QueuePosition | null = null; ;) {
      const { items: places, remaining: left } = await stalled.oldest({
        after,
        before,
        most: 5,
        exclude: [passedOver],
      });
      expect(left).toBe(24);
      if (places.length === 0) break;
      expect(places.length).toBeLessThanOrEqual(5);
      found.push(...places.map(({ userId }) => userId));
      after = places.at(-1) ?? null;
    }
    expect(found).toEqual(users.slice(1));
  });
});

it('doubles its rate while attempts succeed, up to the configured maximum', async () => {
  const settings = { recovery: { every: NEVER_BY_ITSELF, perSecond: 4, upToPerSecond: 12 }, doubleEvery: SECOND };
  await startOutage(server.address, settings, async ({ stack, strand, trigger, untilOver }) => {
    await strand(26);
    stack.sfox.outage(false);
    const status = await untilOver(await trigger());
    // Eight in two seconds, sixteen in the next two, and the last one at twelve a second.
    expect(status).toMatchObject({ state: 'idle', run: { done: 26, pace: 12 } });
  });
});

it('waits while three canaries have no result, and shows them as stalled until then', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const users = await strand(6);
    const [canary = '', ...rest] = users;
    const { stalled } = await statusOf(stack, canary);
    stack.sfox.outage(false);
    const holds = users.map((userId) => stack.sfox.hold(userId, 'send', { status: 503 }));
    const before = await trigger();
    await holds[0]?.reached;
    expect(callsOf(stack, canary)).toContain('read 200');
    expect(await statusOf(stack, canary)).toMatchObject({ step: 'stalled', stalled, email: { sends: 1 } });
    for (const hold of holds) hold.release();
    const status = await untilOver(before);
    expect(status).toMatchObject({
      state: 'waiting',
      run: { done: 0, pace: null, outcome: 'the provider gave no usable reply to those that were tried' },
    });
    expect(await waitForPosition(stack, canary, 'emailPending.stalled')).toMatchObject({
      stalled: { since: stalled?.since },
    });
    for (const userId of users.slice(0, 3)) {
      expect(callsOf(stack, userId).slice(-2)).toEqual(['read 200', 'send email 503']);
    }
    const others = rest.slice(2).flatMap((userId) => callsOf(stack, userId));
    expect(others.every((call) => call === 'send email 503')).toBe(true);
  });
});

it('selects another canary immediately, so that users who always fail do not block the others', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [hopeless = ''] = await strand(1, '.maintenance');
    const others = await strand(4);
    stack.sfox.outage(false);
    const first = await untilOver(await trigger());
    expect(first).toMatchObject({ state: 'idle', run: { canary: others[0], done: 4, notAnswered: 1 } });
    for (const userId of others) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    // Only that user is left, and is checked now and then.
    const second = await untilOver(await trigger());
    expect(second).toMatchObject({ state: 'waiting', run: { canary: hopeless, remaining: 1 } });
  });
});

it.each(['.wrong-key', '.rate-limited-silent'])(
  'never ends a run for 30 users because of two with %s',
  async (label) => {
    await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
      const first = await strand(14);
      const own = await strand(2, label);
      const rest = await strand(14);
      stack.sfox.outage(false);
      const status = await untilOver(await trigger());
      expect(status).toMatchObject({ state: 'idle', run: { done: 28, notAnswered: 2 } });
      for (const userId of [...first, ...rest]) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
      for (const userId of own) await waitForPosition(stack, userId, 'emailPending.stalled');
    });
  },
);

it('ends a run in which a canary was refused only its send, and tries that user again in the next', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [refused = ''] = await strand(1);
    const others = await strand(3);
    stack.sfox.script(refused, 'send', [{ status: 429 }]);
    stack.sfox.outage(false);
    // It is attempted as the canary, and comes up again after all others: its own answer of this run counts.
    expect(await untilOver(await trigger())).toMatchObject({ state: 'idle', run: { done: 3, notAnswered: 1 } });
    for (const userId of others) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect(await untilOver(await trigger())).toMatchObject({ state: 'idle', run: { done: 1, notAnswered: 0 } });
    await waitForPosition(stack, refused, 'emailPending.awaitingCode');
  });
});

it('recovers the others if the two oldest stalls are of users whose key is rejected', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    await strand(2, '.wrong-key');
    await strand(6);
    stack.sfox.outage(false);
    expect(await untilOver(await trigger())).toMatchObject({ state: 'idle', run: { done: 6, notAnswered: 2 } });
  });
});

it('does not say that the key is rejected if the provider answers for others, who only have to cool down', async () => {
  const policy = { ...quickPolicy, cooldowns: [HOUR] };
  await startOutage(
    server.address,
    {},
    async ({ stack, strand, trigger, untilOver }) => {
      await strand(2, '.wrong-key');
      await strand(2);
      stack.sfox.outage(false);
      const status = await untilOver(await trigger());
      expect(status).toMatchObject({
        state: 'idle',
        run: { done: 0, outcome: expect.stringContaining('no stalled journey can be retried yet: the cool-down') },
      });
    },
    { policy },
  );
});

it('ends a run when several consecutive users are rate limited, and reports the reason', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [canary = ''] = await strand(1);
    await strand(8, '.rate-limited-silent');
    stack.sfox.outage(false);
    const status = await untilOver(await trigger());
    expect(status).toMatchObject({ state: 'waiting', run: { canary, done: 1 } });
    // While a machine is busy, more attempts are in flight before the third is answered.
    expect(status.run?.notAnswered).toBeGreaterThanOrEqual(3);
    expect(status.run?.outcome).toMatch(/429.*lower `rates`/);
  });
});

it('skips a journey whose workflow task fails', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const heldUp = await startBlockedJourney(stack);
    const others = await strand(3);
    stack.sfox.outage(false);
    expect(await untilOver(await trigger())).toMatchObject({ state: 'idle', run: { done: 3, notAnswered: 0 } });
    for (const userId of others) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    await stack.client.workflow.getHandle(journeyId(heldUp)).terminate();
  });
});

it('skips users without a result of the provider while others get one', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const [canary] = await strand(1);
    const hopeless = await strand(3);
    const others = await strand(5);
    stack.sfox.outage(false);
    for (const userId of hopeless) stack.sfox.script(userId, 'send', [{ status: 503 }]);
    const status = await untilOver(await trigger());
    expect(status).toMatchObject({ state: 'idle', run: { canary, done: 6, notAnswered: 3 } });
    for (const userId of others) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    // They are tried again by the next run, one after the other.
    const next = await untilOver(await trigger());
    expect(next).toMatchObject({ state: 'idle', run: { done: 3, notAnswered: 0 } });
  });
});

it('stops when the provider fails again, and continues with another canary when it is available', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const users = await strand(25);
    stack.sfox.outage(false);
    const before = await trigger();
    const sent = () => users.filter((userId) => stack.sfox.outbox(userId).length > 0).length;
    await waitUntil(() => sent() > 7, 'the drain is under way');
    stack.sfox.outage(true);
    const requestsBefore = stack.sfox.requests().length;
    const stopped = await untilOver(before);
    expect(stopped).toMatchObject({ state: 'waiting', run: { outcome: 'the provider has failed again' } });
    expect(stopped.run?.done).toBe(sent());
    // At five a second a try or two are in flight before the first has its verdict, and one record is read.
    expect(stack.sfox.requests().length - requestsBefore).toBeLessThanOrEqual(6);

    stack.sfox.outage(false);
    const over = await untilOver(await trigger());
    expect(over.run?.canary).not.toBe(stopped.run?.canary);
    expect(sent()).toBe(25);
    for (const userId of users) expect(stack.sfox.outbox(userId)).toHaveLength(1);
  });
});

it('does not retry a permanent failure, and recovers from a wrong key once it is accepted', async () => {
  await startOutage(server.address, {}, async ({ stack, strand, trigger, untilOver }) => {
    const key = stack.sfox.apiKey;
    const refused = uniqueUserId('refused', '.refused');
    stack.sfox.outage(false);
    await stack.onward.start(refused, { accountType: 'individual' });
    await waitForPosition(stack, refused, 'emailPending.stalled');
    stack.sfox.newKey('another');
    const [canary = '', held = '', other = ''] = await strand(3);
    expect(await statusOf(stack, other)).toMatchObject({ stalled: { reason: 'credentials' } });
    await stack.onward.pause(held, because, operator);
    const waiting = await untilOver(await trigger());
    expect(waiting).toMatchObject({
      state: 'waiting',
      run: { outcome: 'the provider rejects the enterprise key for those that were tried' },
    });
    expect(callsOf(stack, canary)).toEqual(['send email 401', 'read 401']);

    stack.sfox.newKey(key);
    const over = await untilOver(await trigger());
    expect(over).toMatchObject({ state: 'idle', run: { done: 2, remaining: 0 } });
    await waitForPosition(stack, other, 'emailPending.awaitingCode');
    expect(callsOf(stack, held)).toEqual(['send email 401']);
    expect(callsOf(stack, refused)).toEqual(['send email 422']);
  });
});

it('is paused, resumed and triggered by operators, with a reason', async () => {
  // So slow that a busy machine pauses it long before its end.
  const slow = { every: NEVER_BY_ITSELF, perSecond: 2, upToPerSecond: 2 };
  await startOutage(server.address, { recovery: slow }, async ({ stack, recovery, strand, trigger, untilOver }) => {
    const users = await strand(40);
    stack.sfox.outage(false);
    const before = await trigger();
    expect((await recovery.status()).acts.triggered).toMatchObject({ by: operator, reason: 'three in the morning' });
    const draining = await waitUntil(async () => {
      const status = await recovery.status();
      return status.state === 'draining' && status;
    }, 'the drain is under way');
    expect(draining.run).toMatchObject({ canary: users[0], pace: 2, remaining: expect.any(Number) });
    await recovery.pause({ reason: 'too loud' }, operator);
    const paused = await untilOver(before);
    expect(paused).toMatchObject({
      state: 'paused',
      nextRunAt: null,
      run: { outcome: 'an operator paused recovery' },
      acts: { paused: { by: operator, reason: 'too loud', at: expect.any(String) } },
    });
    expect(paused.run?.done).toBeLessThan(40);

    // The changes of the setup leave it paused.
    const settings = { every: NEVER_BY_ITSELF, perSecond: 20, upToPerSecond: 20 };
    expect(await setup(stack.client, { recovery: settings, taskQueue: stack.taskQueue })).toMatchObject({
      schedule: 'updated',
    });
    expect(await recovery.status()).toMatchObject({ state: 'paused', settings, acts: paused.acts });
    expect(await recovery.resume({ reason: 'go on' }, operator)).toMatchObject({ nextRunAt: expect.any(String) });
    expect(await untilOver(await trigger())).toMatchObject({
      state: 'idle',
      run: { remaining: 0 },
    });
    await expect(recovery.pause({ reason: ' ' }, operator)).rejects.toMatchObject({ field: 'reason' });
  });
});

it('refuses a recorded start of a run, also while an operator has paused recovery', async () => {
  await startOutage(server.address, {}, async ({ stack, recovery, strand, trigger, untilOver }) => {
    await untilOver(await trigger());
    const described = await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).describe();
    const workflowId = described.info.recentActions.at(-1)?.action.workflow.workflowId ?? '';
    const { events } = await stack.client.workflow.getHandle(workflowId).fetchHistory();
    const recorded = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    const [user = ''] = await strand(1);
    stack.sfox.outage(false);
    const before = callsOf(stack, user);
    const connection = await Connection.connect({ address: server.address });
    const attacker = new Attacker(connection);
    const startAgain = async () => {
      const { taskQueue } = stack;
      const handle = await attacker.send([...recorded], (client, args) =>
        client.workflow.start('recovery', { workflowId, taskQueue, args }),
      );
      await handle.result();
      const { events: own } = await stack.client.workflow.getHandle(workflowId).fetchHistory();
      return (own ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
    };
    try {
      expect(await startAgain()).toEqual(['confirmRun']);
      await recovery.pause({ reason: 'a test' }, operator);
      expect(await startAgain()).toEqual(['confirmRun']);
      expect(callsOf(stack, user)).toEqual(before);
    } finally {
      await connection.close();
    }
  });
});

it('does not run while an operator has paused it, even if its Schedule is resumed and triggered in Temporal', async () => {
  await startOutage(server.address, {}, async ({ stack, recovery, strand, trigger, untilOver }) => {
    await untilOver(await trigger());
    const [user = ''] = await strand(1);
    stack.sfox.outage(false);
    const before = callsOf(stack, user);
    await recovery.pause({ reason: 'a test' }, operator);
    const connection = await Connection.connect({ address: server.address });
    try {
      const schedule = new Attacker(connection).client.schedule.getHandle(RECOVERY_SCHEDULE);
      const newest = async () => {
        const { info } = await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).describe();
        return info.recentActions.at(-1)?.action.workflow;
      };
      // Two runs of one second have the same workflow id, and differ by their run id.
      const last = await newest();
      await schedule.unpause();
      await schedule.trigger();
      const started = await waitUntil(async () => {
        const found = await newest();
        return found?.firstExecutionRunId !== last?.firstExecutionRunId && found;
      }, 'the Schedule has started a run');
      await stack.client.workflow.getHandle(started.workflowId, started.firstExecutionRunId).result();
      expect(callsOf(stack, user)).toEqual(before);
      expect((await recovery.status()).state).toBe('paused');
      await recovery.resume({ reason: 'a test' }, operator);
      expect((await recovery.status()).state).not.toBe('paused');
    } finally {
      await connection.close();
    }
  });
});

it('never has two concurrent runs, and continues after its worker stops', async () => {
  // Slow enough that a busy machine sees it drain.
  const quick = { recovery: { every: SECOND, perSecond: 3, upToPerSecond: 3 } };
  await startOutage(server.address, quick, async ({ stack, recovery, strand, trigger }) => {
    const users = await strand(20);
    stack.sfox.outage(false);
    let most = 0;
    const look = async () => {
      const { count } = await stack.client.workflow.count(`WorkflowType = 'recovery' AND ExecutionStatus = 'Running'`);
      most = Math.max(most, count);
    };
    await waitUntil(async () => {
      await look();
      return (await recovery.status()).state === 'draining';
    }, 'the drain is under way');
    await trigger();
    await stack.stopWorkers();
    expect(await recovery.status()).toMatchObject({ state: 'draining', run: { pace: 3 } });
    await stack.startWorker();
    await waitUntil(async () => {
      await look();
      return users.every((userId) => stack.sfox.outbox(userId).length > 0);
    }, 'every user was sent a code');
    expect(most).toBe(1);
    const { info } = await stack.client.schedule.getHandle(RECOVERY_SCHEDULE).describe();
    expect(info.numActionsSkippedOverlap).toBeGreaterThan(0);
    for (const userId of users) expect(stack.sfox.outbox(userId)).toHaveLength(1);
  });
});

it('sends a code that a user requests before those that it retries', async () => {
  const settings = { recovery: { every: NEVER_BY_ITSELF, perSecond: 50, upToPerSecond: 50 } };
  const slow = { worker: { rates: { sendsPerSecond: 3, checksPerSecond: 50 } } };
  const runStory = async ({ stack, recovery, strand, trigger, untilOver }: Outage) => {
    const users = await strand(24);
    stack.sfox.outage(false);
    const before = await trigger();
    await waitUntil(async () => (await recovery.status()).state === 'draining', 'the drain is under way');
    const ada = uniqueUserId('ada');
    await stack.onward.start(ada, { accountType: 'individual' });
    await waitUntil(() => stack.sfox.outbox(ada).length > 0, 'ada has her code');
    expect(users.some((userId) => stack.sfox.outbox(userId).length === 0)).toBe(true);
    expect(await untilOver(before)).toMatchObject({ run: { done: 24 } });
  };
  await startOutage(server.address, settings, runStory, slow);
});
