import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { Onward } from '../../client/onward.ts';
import { attributeKeys, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { System } from '../harness/load.ts';
import { submitCodeUpdate } from './workflow.ts';
import type { onboarding } from './workflow.ts';

const app = { role: 'app', name: 'bench' } as const;

/** Onward, through its TypeScript API. */
export function onwardSystem(client: Client, taskQueue: string): System {
  const onward = new Onward({ client, taskQueue });
  return {
    start: (userId) => onward.start(userId, { accountType: 'individual' }),
    submit: (userId, channel, code) => onward.submitCode(userId, { channel, code }, app),
  };
}

/** The hand-written journey, through Temporal's client. */
export function twinSystem(client: Client, taskQueue: string): System {
  return {
    start: (userId) =>
      client.workflow.start<typeof onboarding>(WORKFLOW_TYPE, {
        workflowId: journeyId(userId),
        taskQueue,
        args: [{ userId }],
        typedSearchAttributes: [
          { key: attributeKeys.account, value: 'individual' },
          { key: attributeKeys.state, value: 'emailPending' },
          { key: attributeKeys.since, value: new Date() },
        ],
      }),
    submit: async (userId, channel, code) => {
      const handle = client.workflow.getHandle(journeyId(userId));
      // It rejects a code that arrives before the reply to the send; Onward lets the update wait.
      while (!(await isAccepted(handle.executeUpdate(submitCodeUpdate, { args: [{ channel, code }] }))))
        await pause(RETRY_INTERVAL_MS);
    },
  };
}

const RETRY_INTERVAL_MS = 100;

async function isAccepted(update: Promise<unknown>): Promise<boolean> {
  try {
    await update;
    return true;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return false;
    throw error;
  }
}
