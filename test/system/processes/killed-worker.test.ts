import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TASK_QUEUE } from '../../../workflows/contract.ts';
import {
  app,
  callsOf,
  enterCode,
  waitUntil,
  newestCode,
  operator,
  quickPolicy,
  startStack,
  waitForPosition,
  uniqueUserId,
  statusOf,
} from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { startWorkerProcess } from '../../support/worker-process.ts';
import type { FleetProcess } from '../fleet/process.ts';

describe('a worker that is killed', () => {
  let stack: Stack;
  let worker: FleetProcess;
  beforeAll(async () => {
    stack = await startStack({ withoutWorker: true });
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    worker = await startWorkerProcess(stack.sfox);
  });
  afterEach(() => worker.kill());

  /** The worker process polls the production task queue, which no other test uses. */
  const onward = () => stack.facade({ taskQueue: TASK_QUEUE, policy: { ...quickPolicy, callTimeout: 10_000 } });
  const crash = async () => {
    await worker.kill();
    worker = await startWorkerProcess(stack.sfox);
  };

  it('during a send leaves its outcome unknown, and the code is requested once', async () => {
    const ada = uniqueUserId('ada');
    const send = stack.sfox.hold(ada, 'send');
    await onward().start(ada, { accountType: 'individual' });
    await send.reached;
    await crash();
    send.release();
    expect(await waitForPosition(stack, ada, 'emailPending.awaitingCode')).toMatchObject({
      email: { sends: 1, lastSend: { outcome: 'unknown' } },
    });
    expect(callsOf(stack, ada)).toEqual([expect.stringMatching(/^send email/)]);
    expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it('while a journey waits has no effect on it', async () => {
    const bo = uniqueUserId('bo');
    await onward().start(bo, { accountType: 'individual' });
    await waitForPosition(stack, bo, 'emailPending.awaitingCode');
    await crash();
    expect(await enterCode(stack, bo, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it("during a confirm has the outcome read from the provider's record, without a second confirm", async () => {
    const cy = uniqueUserId('cy');
    await onward().start(cy, { accountType: 'individual' });
    await waitForPosition(stack, cy, 'emailPending.awaitingCode');
    const confirm = stack.sfox.hold(cy, 'confirm');
    const code = await newestCode(stack, cy, 'email');
    const submit = () => onward().submitCode(cy, { channel: 'email', code }, { ...app, idempotencyKey: 'once' });
    const submitted = submit();
    await confirm.reached;
    await crash();
    confirm.release();
    // The first answer may be `pending`; a repeat with the same idempotency key returns the outcome.
    await submitted;
    expect(
      await waitUntil(async () => {
        const answer = await submit();
        return answer.outcome !== 'pending' && answer.outcome;
      }, 'the code is checked'),
    ).toBe('verified');
    expect(await statusOf(stack, cy)).toMatchObject({ email: { evidence: 'provider' } });
    expect(callsOf(stack, cy).filter((call) => call.startsWith('confirm'))).toHaveLength(1);
  });

  it('in the middle of a reconciliation lets the next worker continue it', async () => {
    const group = uniqueUserId('lost');
    stack.sfox.crowd(group, 30);
    const users = Array.from({ length: 30 }, (_, nth) => `${group}-${nth + 1}`);
    const { reconciliations } = stack.facade({ taskQueue: TASK_QUEUE, reconcile: { graceFor: 0, perSecond: 5 } });
    const { id } = await reconciliations.start({ reason: 'events were lost' }, operator);
    const isOurs = async (count: number) => (await stack.onward.count({ userId: users[count] ?? '' })) === 1;
    await waitUntil(() => isOurs(5), 'some of the journeys are started');
    expect((await reconciliations.get(id)).state).toBe('running');
    await crash();
    const report = await waitUntil(async () => {
      const now = await reconciliations.get(id, { limit: 200 });
      return now.state === 'done' && now;
    }, 'the reconciliation has ended');
    const ours = report.items.filter(({ userId }) => users.includes(userId));
    expect(ours.map(({ userId }) => userId).toSorted()).toEqual(users.toSorted());
    // One whose start was not reported any more exists at the next attempt.
    expect(ours.filter(({ outcome }) => outcome !== 'started' && outcome !== 'existing')).toEqual([]);
    for (const userId of users) expect(callsOf(stack, userId)).toEqual([]);
  });

  it('by SIGTERM completes its activities and exits with 0', async () => {
    const dee = uniqueUserId('dee');
    const send = stack.sfox.hold(dee, 'send');
    await onward().start(dee, { accountType: 'individual' });
    await send.reached;
    const stopped = worker.stop();
    await waitUntil(async () => !(await fetch(`${worker.url}/readyz`)).ok, 'the worker is shutting down');
    send.release();
    expect(await stopped).toBe(0);
    expect(callsOf(stack, dee)).toEqual(['send email 200']);
    worker = await startWorkerProcess(stack.sfox);
    expect(await waitForPosition(stack, dee, 'emailPending.awaitingCode')).toMatchObject({
      email: { lastSend: { outcome: 'sent' } },
    });
  });
});
