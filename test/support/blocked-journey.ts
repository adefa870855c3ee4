import type { Client } from '@temporalio/client';
import { createRequest } from '../../workflows/engine/client.ts';
import { attributeKeys, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { quickPolicy, waitUntil, uniqueUserId } from './stack.ts';
import type { Stack } from './stack.ts';

/** Starts a journey of a newer release, whose policy no worker here can apply, listed as stalled for an hour. */
export async function startBlockedJourney({ client, taskQueue }: Stack): Promise<string> {
  const userId = uniqueUserId('newer');
  const handle = await client.workflow.start(WORKFLOW_TYPE, {
    workflowId: journeyId(userId),
    taskQueue,
    args: [unreadableStart(userId)],
    typedSearchAttributes: [
      { key: attributeKeys.account, value: 'individual' },
      { key: attributeKeys.state, value: 'emailPending' },
      { key: attributeKeys.step, value: 'stalled' },
      { key: attributeKeys.reason, value: 'providerUnavailable' },
      { key: attributeKeys.since, value: new Date(Date.now() - 3_600_000) },
    ],
  });
  await waitUntil(async () => failedTasks(await handle.describe()) > 2, 'its task has failed again and again');
  return userId;
}

/** Returns the start of a newer release: authentic, but with a policy that makes this code fail. */
export function unreadableStart(userId: string): unknown {
  return createRequest('start', WORKFLOW_TYPE, {
    userId,
    accountType: 'individual',
    policy: { ...quickPolicy, sends: null },
  });
}

type WorkflowDescription = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;
const failedTasks = ({ raw }: WorkflowDescription) => raw.pendingWorkflowTask?.attempt ?? 0;
