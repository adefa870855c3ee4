import type { Client } from '@temporalio/client';
import { attributes, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { eventually, user } from './stack.ts';
import type { Stack } from './stack.ts';

/** A journey that a newer release has kept and no worker here can go on with, listed as stalled for an hour. */
export async function startHeldUp({ client, taskQueue }: Stack): Promise<string> {
  const userId = user('newer');
  const handle = await client.workflow.start(WORKFLOW_TYPE, {
    workflowId: journeyId(userId),
    taskQueue,
    args: [{ kept: { version: 99 } }],
    typedSearchAttributes: [
      { key: attributes.account, value: 'individual' },
      { key: attributes.state, value: 'emailPending' },
      { key: attributes.step, value: 'stalled' },
      { key: attributes.reason, value: 'providerUnavailable' },
      { key: attributes.since, value: new Date(Date.now() - 3_600_000) },
    ],
  });
  await eventually(async () => failedTasks(await handle.describe()) > 2, 'its task has failed again and again');
  return userId;
}

type Described = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['describe']>>;
const failedTasks = ({ raw }: Described) => raw.pendingWorkflowTask?.attempt ?? 0;
