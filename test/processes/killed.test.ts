import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { journeyId, TASK_QUEUE } from '../../workflows/contract.ts';
import {
  app,
  callsOf,
  enterCode,
  eventually,
  newestCode,
  quickPolicy,
  startStack,
  untilAt,
  user,
  statusOf,
} from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { startWorkerProcess } from '../support/worker-process.ts';
import type { OwnProcess } from '../../sandbox/fleet/process.ts';

const pause = (wait: number) => new Promise((wake) => setTimeout(wake, wait));

/** temporal.api.enums.v1.PendingActivityState */
const STARTED = 2;

describe('a worker that is killed', () => {
  let stack: Stack;
  let worker: OwnProcess;
  beforeAll(async () => {
    stack = await startStack({ withoutWorker: true });
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    worker = await startWorkerProcess(stack.sfox);
  });
  afterEach(() => worker.kill());

  /** The process polls the queue that production polls; no other test does. */
  const onward = () => stack.facade({ taskQueue: TASK_QUEUE, policy: { ...quickPolicy, callTimeout: 2_500 } });
  /** Until a request of the user's journey has been with the provider for a moment, which takes 1.5 s to deal with it. */
  const slow = { delay: 1_500 };
  const underWay = async (userId: string) => {
    const handle = stack.client.workflow.getHandle(journeyId(userId));
    await eventually(async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ state }) => Number(state) === STARTED);
    }, 'a request is under way');
    await pause(300);
  };
  const crash = async () => {
    await worker.kill();
    worker = await startWorkerProcess(stack.sfox);
  };

  it('in the middle of a send leaves its outcome unknown, and the code is asked for once', async () => {
    const ada = user('ada');
    stack.sfox.script(ada, 'send', [slow]);
    await onward().start(ada, { accountType: 'individual' });
    await underWay(ada);
    await crash();
    expect(await untilAt(stack, ada, 'emailPending.awaitingCode')).toMatchObject({
      email: { sends: 1, lastSend: { outcome: 'unknown' } },
    });
    expect(callsOf(stack, ada)).toEqual([expect.stringMatching(/^send email/)]);
    expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it('in the middle of a wait is not noticed', async () => {
    const bo = user('bo');
    await onward().start(bo, { accountType: 'individual' });
    await untilAt(stack, bo, 'emailPending.awaitingCode');
    await crash();
    expect(await enterCode(stack, bo, 'email')).toMatchObject({ outcome: 'verified' });
  });

  it("in the middle of a confirm has the code judged by the provider's record, and asked once", async () => {
    const cy = user('cy');
    await onward().start(cy, { accountType: 'individual' });
    await untilAt(stack, cy, 'emailPending.awaitingCode');
    stack.sfox.script(cy, 'confirm', [slow]);
    const code = await newestCode(stack, cy, 'email');
    const submit = () => onward().submitCode(cy, { channel: 'email', code }, { ...app, idempotencyKey: 'once' });
    const submitted = submit();
    await underWay(cy);
    await crash();
    // The first answer may be that it takes too long; the same key collects the outcome.
    await submitted;
    expect(
      await eventually(async () => {
        const answer = await submit();
        return answer.outcome !== 'pending' && answer.outcome;
      }, 'the code is judged'),
    ).toBe('verified');
    expect(await statusOf(stack, cy)).toMatchObject({ email: { evidence: 'provider' } });
    expect(callsOf(stack, cy).filter((call) => call.startsWith('confirm'))).toHaveLength(1);
  });

  it('in order finishes what is in flight, and ends with 0', async () => {
    const dee = user('dee');
    stack.sfox.script(dee, 'send', [slow]);
    await onward().start(dee, { accountType: 'individual' });
    await underWay(dee);
    expect(await worker.stop()).toBe(0);
    expect(callsOf(stack, dee)).toEqual(['send email 200']);
    worker = await startWorkerProcess(stack.sfox);
    expect(await untilAt(stack, dee, 'emailPending.awaitingCode')).toMatchObject({
      email: { lastSend: { outcome: 'sent' } },
    });
  });
});
