import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { OperationsOfUser } from '../../client/bulk-operations/operations-of-user.ts';
import type { ReconciliationSettings } from '../../workflows/reconciliation/contract.ts';
import {
  app,
  callsOf,
  enterCode,
  operator,
  quickPolicy,
  startStack,
  timelineOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const because = { reason: 'events were lost' };
const AT_ONCE: ReconciliationSettings = { graceFor: 0, perSecond: 50 };

async function reconcile(request: { dryRun?: boolean }, settings = AT_ONCE) {
  const { reconciliations } = stack.facade({ policy: quickPolicy, reconcile: settings });
  const { id } = await reconciliations.start({ ...request, ...because }, operator);
  return untilOver(id);
}

async function untilOver(id: string) {
  return waitUntil(async () => {
    const report = await stack.onward.reconciliations.get(id);
    return ['done', 'failed', 'stopped'].includes(report.state) && report;
  }, 'the reconciliation has ended');
}

/** The outcomes of these users. */
const of = ({ items }: Awaited<ReturnType<typeof untilOver>>, ...users: string[]) =>
  users.map((userId) => {
    const found = items.find((item) => item.userId === userId);
    return found === undefined ? 'alike' : `${found.difference} ${found.outcome}`;
  });

const listed = (userId: string) =>
  waitUntil(async () => (await stack.onward.count({ userId })) === 1, `${userId} is listed`);

async function open(labels = ''): Promise<string> {
  const userId = uniqueUserId('open', labels);
  await stack.onward.start(userId, { accountType: 'individual' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  return userId;
}

it('brings the journeys in line with the list of users, and sends nothing', async () => {
  const [lost, elsewhere, silent] = ['lost', 'both-verified:lost', 'silent:lost'].map((name) => uniqueUserId(name)) as [
    string,
    string,
    string,
  ];
  const tiers = uniqueUserId('tiers:lost');
  const business = uniqueUserId('business:lost');
  const documents = uniqueUserId('documents:lost');
  for (const userId of [lost, elsewhere, silent, tiers, business, documents]) stack.sfox.crowd(userId, 1);
  const registered = (userId: string) => `${userId}-1`;
  const [waiting, verified, partly, unsupported, gone] = [
    await open(),
    await open(),
    await open(),
    await open(),
    await open(),
  ];
  for (const userId of [waiting, verified, partly, unsupported, gone]) await listed(userId);
  for (const channel of ['email', 'sms'] as const) stack.sfox.verify(verified, channel);
  stack.sfox.verify(partly, 'email');
  stack.sfox.record(unsupported, 'unsupported');
  stack.sfox.remove(gone);
  const everyone = [
    waiting,
    verified,
    partly,
    unsupported,
    gone,
    ...[lost, silent, business, documents].map(registered),
  ];
  const sends = () => stack.sfox.requests().filter(({ call }) => call === 'send').length;
  const before = sends();

  const dryRun = await reconcile({ dryRun: true });
  const expected = [
    'alike',
    'verified rechecked',
    'partlyVerified reported',
    'unsupported rechecked',
    'notRegistered reported',
    'noJourney started',
    'noJourney started',
    'noJourney started',
    'noJourney started',
  ];
  expect(of(dryRun, ...everyone)).toEqual(expected);
  expect(dryRun).toMatchObject({ state: 'done', dryRun: true, by: operator, note: null, unreadable: 1 });
  expect(dryRun.done).toBe(dryRun.total);
  await expect(stack.onward.status(registered(lost))).rejects.toMatchObject({ code: 'not_found' });

  const report = await reconcile({});
  expect(of(report, ...everyone)).toEqual(expected);
  expect(report.outcomes).toMatchObject({ started: 4, rechecked: 2, reported: 2 });
  await waitForPosition(stack, verified, 'done');
  expect(await waitForPosition(stack, unsupported, 'emailPending.stalled')).toMatchObject({
    stalled: { reason: 'unsupported' },
  });
  for (const userId of [lost, silent, documents].map(registered)) {
    const started = await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    expect([started.accountType, started.email?.sends]).toEqual(['individual', 0]);
  }
  expect((await waitForPosition(stack, registered(business), 'emailPending.awaitingCode')).accountType).toBe(
    'business',
  );
  for (const userId of [elsewhere, tiers].map(registered)) {
    await expect(stack.onward.status(userId)).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(await timelineOf(stack, unsupported)).toContainEqual(
    expect.objectContaining({ by: 'onward reconciliation', reason: because.reason }),
  );
  expect(sends()).toBe(before);

  // A user whose event was lost goes on as any other.
  await stack.onward.resend(registered(lost), { channel: 'email' }, app);
  await enterCode(stack, registered(lost), 'email');
  await waitForPosition(stack, registered(lost), 'smsPending.awaitingCode');

  // A journey without a difference stays so. Visibility shows a change a moment later.
  const again = await waitUntil(async () => {
    const next = await reconcile({ dryRun: true });
    return next.items.length === 2 && next;
  }, 'only what is reported is left');
  expect(of(again, partly, gone)).toEqual(['partlyVerified reported', 'notRegistered reported']);

  stack.sfox.record(unsupported, 'usual');
  expect(of(await reconcile({}), unsupported)).toEqual(['supported rechecked']);
  await waitForPosition(stack, unsupported, 'emailPending.awaitingCode');
  const runs = await new OperationsOfUser(stack.client).runsWith(registered(lost));
  expect(runs.length).toBeGreaterThanOrEqual(2);
}, 240_000);

it.each(['cut-off', 'cut-short'] as const)(
  'changes nothing if the list cannot be read to its end: %j',
  async (fault) => {
    const userId = uniqueUserId('unread');
    stack.sfox.crowd(userId, 1);
    stack.sfox.script('*', 'list', [fault, fault, fault, fault]);
    const report = await reconcile({});
    expect(report).toMatchObject({ state: 'failed', users: null, total: null, items: [] });
    expect(report.note).toMatch(
      /^the list of users could not be read: the reply of the provider was incomplete or unreadable; start another reconciliation \(.+\)$/,
    );
    expect(report.note).not.toMatch(/findDifferences|ProviderOutcome/);
    await expect(stack.onward.status(`${userId}-1`)).rejects.toMatchObject({ code: 'not_found' });
    expect(await reconcile({})).toMatchObject({ state: 'done' });
    await waitForPosition(stack, `${userId}-1`, 'emailPending.awaitingCode');
  },
  240_000,
);

it('gives the sign-up event of a new user time to arrive, and starts a journey if it has not', async () => {
  const [lost, late, left] = [uniqueUserId('lost'), uniqueUserId('late'), uniqueUserId('left')];
  for (const userId of [lost, late, left]) stack.sfox.crowd(userId, 1);
  const settings = { ...AT_ONCE, graceFor: 5_000 };
  const dryRun = await reconcile({ dryRun: true }, settings);
  expect(of(dryRun, `${lost}-1`)).toEqual(['noJourney later']);
  const { reconciliations } = stack.facade({ policy: quickPolicy, reconcile: settings });
  const { id } = await reconciliations.start(because, operator);
  const waiting = await waitUntil(async () => {
    const report = await reconciliations.get(id);
    return report.state === 'waiting' && report;
  }, 'it waits');
  expect(waiting.waiting).toBeGreaterThanOrEqual(3);
  expect(Date.parse(waiting.waitingUntil ?? '')).toBeGreaterThan(Date.parse(waiting.at));
  // The event of one arrives, and another is verified elsewhere.
  await stack.onward.start(`${late}-1`, { accountType: 'individual' });
  await listed(`${late}-1`);
  for (const channel of ['email', 'sms'] as const) stack.sfox.verify(`${left}-1`, channel);
  const report = await untilOver(id);
  expect(report).toMatchObject({ state: 'done', waiting: 0, waitingUntil: null });
  expect(of(report, `${lost}-1`, `${late}-1`, `${left}-1`)).toEqual(['noJourney started', 'alike', 'alike']);
  expect(callsOf(stack, `${lost}-1`)).toEqual([]);
}, 240_000);

it('stops while it waits, and a repeated request with the same key is the same reconciliation', async () => {
  stack.sfox.crowd(uniqueUserId('waits'), 1);
  const { reconciliations } = stack.facade({
    policy: quickPolicy,
    reconcile: { ...AT_ONCE, graceFor: 3_600_000 },
  });
  const keyed = { ...operator, idempotencyKey: uniqueUserId('key') };
  const { id } = await reconciliations.start(because, keyed);
  expect(await reconciliations.start(because, keyed)).toEqual({ id });
  await expect(reconciliations.start({ ...because, dryRun: true }, keyed)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
  await waitUntil(async () => (await reconciliations.get(id)).state === 'waiting', 'it waits');
  await reconciliations.stop(id, { reason: 'not today' }, operator);
  expect(await untilOver(id)).toMatchObject({ state: 'stopped', stopped: { by: operator, reason: 'not today' } });
  expect((await reconciliations.list()).items.map((one) => one.id)).toContain(id);
}, 240_000);
