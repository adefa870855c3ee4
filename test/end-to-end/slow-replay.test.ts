import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findFailing } from '../../client/monitoring/failing-workflow-tasks.ts';
import { journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { waitUntil, startStack, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ withoutWorker: true });
});
afterAll(() => stack?.close());

it('distinguishes a workflow task that times out repeatedly from code that fails', async () => {
  const slow = uniqueUserId('slow');
  const { client } = stack;
  const handle = await client.workflow.start(WORKFLOW_TYPE, {
    workflowId: journeyId(slow),
    taskQueue: stack.taskQueue,
    workflowTaskTimeout: '1 s',
    args: [{ signup: {} }],
  });
  // Takes each task and never finishes it, as a worker that needs longer for a replay than it has.
  const taking = waitUntil(async () => {
    await client.withDeadline(Date.now() + 5_000, () =>
      client.workflowService
        .pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: stack.taskQueue }, identity: 'slow' })
        .catch(() => undefined),
    );
    const { raw } = await handle.describe();
    return (raw.pendingWorkflowTask?.attempt ?? 0) > 3;
  }, 'the task has timed out again and again');
  await taking;
  const failing = await waitUntil(async () => {
    const found = await findFailing(client);
    return found.timedOut.examples.includes(slow) && found;
  }, 'it is found');
  expect(failing.examples).not.toContain(slow);
  await handle.terminate();
});
