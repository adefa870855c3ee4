import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { Onward } from '../../client/onward.ts';
import { attributes, journeyId, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { System } from '../stand/load.ts';
import { submitCodeUpdate } from './workflow.ts';
import type { onboarding } from './workflow.ts';

const app = { role: 'app', name: 'bench' } as const;

/** Ours, by its own facade. */
export function ours(client: Client, taskQueue: string): System {
  const onward = new Onward({ client, taskQueue });
  return {
    start: (userId) => onward.start(userId, { accountType: 'individual' }),
    submit: (userId, channel, code) => onward.submitCode(userId, { channel, code }, app),
  };
}

/** The hand-written one, asked as directly as Temporal's client allows. */
export function twin(client: Client, taskQueue: string): System {
  return {
    start: (userId) =>
      client.workflow.start<typeof onboarding>(WORKFLOW_TYPE, {
        workflowId: journeyId(userId),
        taskQueue,
        args: [{ userId }],
        typedSearchAttributes: [
          { key: attributes.account, value: 'individual' },
          { key: attributes.state, value: 'emailPending' },
          { key: attributes.since, value: new Date() },
        ],
      }),
    submit: async (userId, channel, code) => {
      const handle = client.workflow.getHandle(journeyId(userId));
      // It refuses a code that comes before it knows of the send; ours lets it wait.
      while (!(await taken(handle.executeUpdate(submitCodeUpdate, { args: [{ channel, code }] })))) await pause(RETRY);
    },
  };
}

const RETRY = 100;

async function taken(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) return false;
    throw error;
  }
}
