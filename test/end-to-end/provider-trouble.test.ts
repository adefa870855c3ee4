import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Recovery } from '../../client/recovery/recovery.ts';
import { setup } from '../../client/temporal/setup.ts';
import { createSummaryReader } from '../../client/monitoring/summary.ts';
import type { BlockerKind } from '../../client/monitoring/blockers.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { runDoctor } from '../support/doctor.ts';
import { NEVER_BY_ITSELF } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { measureProcessTime } from '../support/process-time.ts';
import { waitUntil, operator, quickPolicy, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack, StackOptions } from '../support/stack.ts';

let server: TemporalServer;
beforeAll(async () => {
  server = await startOwnServer();
});
afterAll(() => server.stop());

const MINUTE = 60_000;
/** Sends are retried for so long that no journey stalls during a test. */
const patient = { ...quickPolicy, retrySendFor: 10 * MINUTE };

async function withStack(options: StackOptions, run: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await startStack({ address: server.address, ...options });
  await setup(stack.client, {
    taskQueue: stack.taskQueue,
    recovery: { every: NEVER_BY_ITSELF, perSecond: 5, upToPerSecond: 20 },
  });
  try {
    await run(stack);
  } finally {
    await stack.client.schedule.getHandle('onward-recovery').delete();
    await stack.close();
  }
}

const start = ({ onward }: Stack, users: readonly string[]) =>
  Promise.all(users.map((userId) => onward.start(userId, { accountType: 'individual' })));
const crowd = (name: string, count: number, labels = '') =>
  Array.from({ length: count }, (_, nth) => uniqueUserId(`${name}${nth}`, labels));

async function readDescriptions(stack: Stack): Promise<{ readonly [K in BlockerKind]?: string }> {
  const { blockers } = await createSummaryReader(stack)();
  return Object.fromEntries(
    blockers.flatMap(({ kind, description }) => (description === null ? [] : [[kind, description]])),
  );
}

it('reports within a minute that the provider fails every send, before a journey stalls', async () => {
  await withStack({ policy: patient }, async (stack) => {
    stack.sfox.outage(true);
    const timeTaken = measureProcessTime();
    await start(stack, crowd('failing', 20));
    const words = await waitUntil(async () => {
      const all = await readDescriptions(stack);
      return all.providerFailing !== undefined && all;
    }, 'the summary says that the provider fails');
    expect(timeTaken()).toBeLessThan(MINUTE);
    expect(words.providerFailing).toMatch(
      /5xx.* since \d{4}-\d\d-\d\d \d\d:\d\d UTC: \d+ of the last \d+ requests \(\d+ %\); check/,
    );
    expect(words.user).not.toContain('a code is being sent');
    const { blockers } = await createSummaryReader(stack)();
    // It counts no journeys: a 0 would read as if the provider did not fail.
    expect(blockers).toContainEqual(expect.objectContaining({ kind: 'providerFailing', journeys: null }));
    const { providerReplies, provider } = await runDoctor(stack.client, stack);
    expect([providerReplies.ok, provider.ok]).toEqual([false, false]);
    expect(providerReplies.fix).toContain("sFOX's status page");
  });
});

it.each([
  ['keyRefused', 'credentials', '.wrong-key', 'ENTERPRISE_API_KEY'],
  ['providerRateLimited', 'rateLimited', '.rate-limited-silent', 'rates'],
] as const)('sees %s of several users, and not of one among others', async (kind, stalled, label, what) => {
  await withStack({}, async (stack) => {
    const good = crowd('good', 12);
    await start(stack, good);
    await start(stack, crowd('own', 1, label));
    for (const userId of good) await waitForPosition(stack, userId, 'emailPending.awaitingCode');
    const one = await waitUntil(async () => {
      const all = await readDescriptions(stack);
      return all[stalled]?.includes('for them alone') && all;
    }, 'it is reported as the user’s own');
    expect(one[kind]).toBeUndefined();
    expect(one.user).toContain('a code is being sent');
    await start(stack, crowd('several', 6, label));
    const several = await waitUntil(async () => {
      const all = await readDescriptions(stack);
      return all[kind] !== undefined && all;
    }, 'it is reported as the provider’s');
    expect(several[kind]).toContain(what);
  });
});

it('lists paused recovery first, with operator, reason and time, and promises no retry', async () => {
  await withStack({}, async (stack) => {
    const { client, taskQueue } = stack;
    const recovery = new Recovery({ client });
    const [first] = (await createSummaryReader(stack)()).blockers;
    expect(first).toMatchObject({ kind: 'recoveryPaused', description: null, since: null, action: null });
    const stranded = crowd('stranded', 4, '.maintenance');
    await start(stack, stranded);
    for (const userId of stranded) await waitForPosition(stack, userId, 'emailPending.stalled');
    await recovery.pause({ reason: 'forgot it' }, operator);
    const paused = await waitUntil(async () => {
      const { blockers } = await createSummaryReader(stack)();
      return blockers.find(({ kind }) => kind === 'providerAway')?.journeys === 4 && blockers;
    }, 'those who wait are counted');
    expect(paused[0]).toMatchObject({
      kind: 'recoveryPaused',
      description: expect.stringMatching(
        /^recovery is paused by night since .* UTC \("forgot it"\): nothing retries .*\d+ journeys/,
      ),
      since: expect.any(String),
    });
    expect(paused.find(({ kind }) => kind === 'providerAway')?.description).toContain('nothing retries them');
    const checks = await runDoctor(client, { taskQueue });
    expect(Object.keys(checks)[0]).toBe('recovery');
    expect(checks.recovery).toMatchObject({ ok: false, found: expect.stringContaining('"forgot it"') });
    expect(checks.journeys.map(({ fix }) => fix).join('\n')).not.toContain('tries a canary');

    await recovery.resume({ reason: 'over' }, operator);
    expect((await createSummaryReader(stack)()).blockers[0]).toMatchObject({ description: null });
    await client.schedule.getHandle('onward-recovery').pause('by hand in the UI');
    expect((await createSummaryReader(stack)()).blockers[0]?.description).toMatch(
      /^recovery is paused outside Onward.*\("by hand in the UI"\)/,
    );
  });
});
