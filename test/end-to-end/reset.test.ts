import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { journeyId } from '../../workflows/contract.ts';
import { enterCode, startStack, statusOf, uniqueUserId, waitForPosition, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

it('continues from an earlier workflow task after a reset in Temporal, with the codes that were entered since', async () => {
  const ada = uniqueUserId('ada');
  const { client, onward } = stack;
  await onward.start(ada, { accountType: 'individual' });
  await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  expect(await enterCode(stack, ada, 'email')).toMatchObject({ outcome: 'verified' });
  await waitForPosition(stack, ada, 'smsPending.awaitingCode');
  const handle = client.workflow.getHandle(journeyId(ada));
  const { events } = await handle.fetchHistory();
  const accepted = events?.find((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null);
  const completed = events?.findLast(
    ({ eventId, workflowTaskCompletedEventAttributes }) =>
      workflowTaskCompletedEventAttributes != null && Number(eventId) < Number(accepted?.eventId),
  );
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId: journeyId(ada) },
    reason: 'the history does not replay',
    workflowTaskFinishEventId: completed?.eventId ?? null,
    requestId: randomUUID(),
  });
  // The code is checked again: the provider answers that the channel is verified.
  expect(await waitForPosition(stack, ada, 'smsPending.awaitingCode')).toMatchObject({
    email: { status: 'verified', evidence: 'provider', sends: 1 },
  });
  expect(await enterCode(stack, ada, 'sms')).toMatchObject({ outcome: 'verified' });
  await waitUntil(async () => (await statusOf(stack, ada)).state === 'done', 'the journey is done');
});
