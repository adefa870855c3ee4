import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startTemporal } from '../../sandbox/temporal/index.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { journeyId } from '../../workflows/contract.ts';
import { shortHistories } from '../support/short-histories.ts';
import { parsePolicyDocument } from '../../client/config/adoptable-policy.ts';
import { sendUpdate } from '../../client/journeys/idempotent-update.ts';
import { jwksOf, keyPairOf } from '../../client/receipts/keys.ts';
import { verifyReceipt } from '../../client/receipts/verify.ts';
import {
  app,
  enterCode,
  guessWrong,
  operator,
  quickPolicy,
  startStack,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { removeFolder } from '../support/remove-folder.ts';

const SUGGESTED_AFTER_EVENTS = 400;
const CALLERS = 4;
const ROUNDS = 45;

let folder: string;
let server: TemporalServer;
let stack: Stack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-long-'));
  server = await startTemporal({
    binary: process.env['TEST_TEMPORAL_BINARY'] ?? '',
    composeFile: await shortHistories(folder, SUGGESTED_AFTER_EVENTS),
    uiPort: false,
  });
  const policy = { ...quickPolicy, commands: { perMinute: 1_000, rechecksPerMinute: 1_000 } };
  stack = await startStack({ address: server.address, policy });
});
afterAll(async () => {
  await stack?.close();
  await server?.stop();
  await removeFolder(folder);
});

/** The lengths of all runs of a journey, the oldest first. */
async function runLengths(userId: string): Promise<number[]> {
  const lengths: number[] = [];
  const workflowId = journeyId(userId);
  let { runId } = await stack.client.workflow.getHandle(workflowId).describe();
  for (let before: string | undefined = runId; before !== undefined && before !== '';) {
    const { events } = await stack.client.workflow.getHandle(workflowId, before).fetchHistory();
    lengths.unshift(events?.length ?? 0);
    runId = before;
    before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? undefined;
  }
  return lengths;
}

it('ends a run soon after continue-as-new is suggested, however many callers loop', async () => {
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  const failed: unknown[] = [];
  const loop = async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await stack.onward.recheck(ada, {}, app).catch((error: unknown) => failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, loop));
  expect(failed).toEqual([]);
  const lengths = await runLengths(ada);
  expect(lengths.length).toBeGreaterThan(2);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(1.5 * SUGGESTED_AFTER_EVENTS);
});

it('issues a valid receipt for a journey that has continued as new, and then adopts a policy', async () => {
  const eve = uniqueUserId('eve');
  await stack.onward.start(eve, { accountType: 'individual' });
  await waitForPosition(stack, eve, 'emailPending.awaitingCode');
  await guessWrong(stack, eve);
  const handle = stack.client.workflow.getHandle(journeyId(eve));
  const first = await handle.describe();
  await waitUntil(async () => {
    await stack.onward.recheck(eve, {}, app);
    return (await handle.describe()).runId !== first.runId;
  }, 'the journey is in its next run');
  await enterCode(stack, eve, 'email');
  await waitForPosition(stack, eve, 'smsPending.awaitingCode');
  const key = keyPairOf('2026-11', Buffer.alloc(32, 7));
  const receipt = await stack.onward.receipt(eve, key);
  expect(receipt.statement).toMatchObject({ verified: [{ channel: 'email', evidence: 'code' }] });
  expect(receipt.entries[0]?.entry.type).toBe('started');
  expect(await verifyReceipt(receipt, jwksOf([key]))).toMatchObject({ isValid: true, problems: [] });
  const policy = parsePolicyDocument({ guesses: { perCode: 2, perChannel: 4 } });
  await sendUpdate(stack.client, eve, 'adoptPolicy', { reason: 'fraud', policy }, operator, 10_000);
  expect((await stack.onward.status(eve)).sms?.guessesLeft).toBe(2);
  const later = await stack.onward.receipt(eve, key);
  expect(await verifyReceipt(later, jwksOf([key]))).toMatchObject({ isValid: true });
  // Once the first run is deleted, the policy with which the journey started is unknown.
  await stack.client.workflowService.deleteWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: journeyId(eve), runId: first.runId },
  });
  await waitUntil(async () => {
    const refused = await stack.onward.receipt(eve, key).then(() => '', String);
    return refused.includes('the policy with which this journey began is not stored any more');
  }, 'the first run is deleted');
});

it('lets an operator pause a journey whose send is being retried while its run has to end', async () => {
  const bo = uniqueUserId('bo');
  const facade = stack.facade({
    policy: {
      ...quickPolicy,
      retrySendFor: 120_000,
      sends: { per10Minutes: 50, perDay: 50 },
      commands: { perMinute: 1_000, rechecksPerMinute: 1_000 },
    },
  });
  await facade.start(bo, { accountType: 'individual' });
  await waitForPosition(stack, bo, 'emailPending.awaitingCode');
  const handle = stack.client.workflow.getHandle(journeyId(bo));
  const isNearEnd = async () => (await handle.describe()).historyLength > SUGGESTED_AFTER_EVENTS - 12;
  let first;
  try {
    // A task that a busy server repeats makes the history longer, and the run may end before the send is due: then once more.
    await waitUntil(async () => {
      stack.sfox.outage(false);
      await waitForPosition(stack, bo, 'emailPending.awaitingCode');
      await waitUntil(async () => {
        await facade.recheck(bo, {}, app).catch((error: unknown) => error);
        return isNearEnd();
      }, 'the run is about to be long');
      stack.sfox.outage(true);
      await facade.resend(bo, {}, app);
      return isNearEnd();
    }, 'a send is due in a run that is about to be long');
    first = await handle.describe();
    await facade.recheck(bo, {}, app).catch((error: unknown) => error);
    await facade.pause(bo, { reason: 'an outage' }, operator);
    await waitForPosition(stack, bo, 'emailPending.paused');
    expect(await facade.resume(bo, { reason: 'over' }, operator)).toMatchObject({ state: 'emailPending' });
  } finally {
    stack.sfox.outage(false);
  }
  await waitForPosition(stack, bo, 'emailPending.awaitingCode');
  await waitUntil(async () => {
    await facade.recheck(bo, {}, app).catch((error: unknown) => error);
    return (await handle.describe()).runId !== first?.runId;
  }, 'the journey is in its next run');
  expect(Math.max(...(await runLengths(bo)))).toBeLessThanOrEqual(1.5 * SUGGESTED_AFTER_EVENTS);
});

it('limits the rechecks of one user in a minute, and returns when the next is allowed', async () => {
  const cy = uniqueUserId('cy');
  const facade = stack.facade({ policy: { ...quickPolicy, commands: { perMinute: 100, rechecksPerMinute: 3 } } });
  await facade.start(cy, { accountType: 'individual' });
  await waitForPosition(stack, cy, 'emailPending.awaitingCode');
  for (let nth = 0; nth < 3; nth += 1) await facade.recheck(cy, {}, app);
  const at = await waitUntil(async () => (await facade.status(cy)).allowed?.recheck?.at, 'the record is read');
  expect(Date.parse(at) - Date.now()).toBeGreaterThan(30_000);
  await expect(facade.recheck(cy, {}, operator)).rejects.toMatchObject({ code: 'cooling_down', retryAt: new Date(at) });
  expect(await facade.preview(cy, 'recheck')).toMatchObject({ outcome: 'limited', until: at });
  const { events } = await stack.client.workflow.getHandle(journeyId(cy)).fetchHistory();
  const recordReads = events?.filter(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'readUser',
  );
  expect(recordReads).toHaveLength(3);
});

it("limits the commands of one role in a minute, and always accepts an operator's cancellation", async () => {
  const dee = uniqueUserId('dee');
  const facade = stack.facade({ policy: { ...quickPolicy, commands: { perMinute: 4, rechecksPerMinute: 100 } } });
  await facade.start(dee, { accountType: 'individual' });
  await waitForPosition(stack, dee, 'emailPending.awaitingCode');
  for (let nth = 0; nth < 4; nth += 1) await facade.recheck(dee, {}, app);
  const refused = await facade.recheck(dee, {}, app).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'too_many_requests' });
  expect((refused as { retryAfter: number }).retryAfter).toBeGreaterThan(30);
  for (const act of ['pause', 'resume', 'pause', 'resume'] as const)
    await facade[act](dee, { reason: 'on and off' }, operator);
  await expect(facade.pause(dee, { reason: 'again' }, operator)).rejects.toMatchObject({ code: 'too_many_requests' });
  expect(await facade.cancel(dee, { reason: 'enough' }, operator)).toMatchObject({ state: 'cancelled' });
});
