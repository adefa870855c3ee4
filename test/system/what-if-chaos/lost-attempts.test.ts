import { afterAll, beforeAll, expect, it } from '@jest/globals';
import proto from '@temporalio/proto';
import type { Fault } from '../../../sandbox/sfox/index.ts';
import { StatusReader } from '../../../client/journeys/status-reader.ts';
import { checkQueue, journeyId } from '../../../workflows/contract.ts';
import { operator, startStack, uniqueUserId, waitUntil } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';
import { findLostAttempts } from './lost-attempts.ts';
import { resumeDispatch, stopDispatch } from './provider-dispatch.ts';

const { TASK_QUEUE_KIND_NORMAL } = proto.temporal.api.enums.v1.TaskQueueKind;

/** The provider answers the third request in another way than the second. */
const FAULTS: readonly Fault[] = [{ status: 504 }, 'reset-after', { status: 401 }];

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

async function startReading(name: string): Promise<string> {
  const { onward, sfox } = stack;
  const userId = uniqueUserId(name);
  await onward.start(userId, { accountType: 'individual' });
  await waitUntil(async () => (await onward.status(userId)).step === 'awaitingCode', 'the code is sent');
  sfox.script(userId, 'read', FAULTS);
  return userId;
}

const recheck = (userId: string) => stack.onward.recheck(userId, { reason: 'test' }, operator);

async function readReplies(userId: string): Promise<readonly string[]> {
  const { entries } = await new StatusReader(stack.client, 60_000).record(userId);
  return entries.map(({ type }) => type).filter((type) => type.startsWith('record.'));
}

const hasRead = async (userId: string) => (await readReplies(userId)).length === 1;

async function isReading(userId: string): Promise<boolean> {
  const { raw } = await stack.client.workflow.getHandle(journeyId(userId)).describe();
  return (raw.pendingActivities ?? []).some(({ activityType }) => activityType?.name === 'readUser');
}

/** Takes a task from a queue, as a poll that a stopping worker has given up. */
function loseTask(taskQueue: string): Promise<unknown> {
  return stack.client.workflowService.pollActivityTaskQueue({
    namespace: 'default',
    identity: 'a worker that has stopped',
    taskQueue: { name: taskQueue, kind: TASK_QUEUE_KIND_NORMAL },
  });
}

it('finds a lost attempt that the log of the journey does not mention, and that changes what the provider replies', async () => {
  const { client, sfox, taskQueue } = stack;
  const [whole, interrupted] = [await startReading('whole'), await startReading('interrupted')];
  await recheck(whole);
  await waitUntil(() => hasRead(whole), 'the read has ended');
  await stopDispatch(client, taskQueue);
  const rechecking = recheck(interrupted).catch((error: unknown) => error);
  await waitUntil(() => isReading(interrupted), 'the read is scheduled');
  await stack.stopWorkers();
  await resumeDispatch(client, taskQueue);
  await loseTask(checkQueue(taskQueue));
  await stack.startWorker();
  await rechecking;
  await waitUntil(() => hasRead(interrupted), 'the interrupted read has ended');
  expect(await readReplies(whole)).toEqual(['record.credentials']);
  expect(await readReplies(interrupted)).toEqual(['record.unread']);
  expect([...(await findLostAttempts(client, sfox, [whole, interrupted]))]).toEqual([interrupted]);
}, 300_000);
