import { Operations } from '../../client/operations.ts';
import { startTelling } from '../../client/webhooks.ts';
import { tellPulse } from '../../worker/pulse.ts';
import { STATUS_TYPE, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { OPERATION_TYPE } from '../../workflows/operation/contract.ts';
import { PULSE_TYPE } from '../../workflows/pulse/contract.ts';
import { RECOVERY_TYPE } from '../../workflows/recovery/contract.ts';
import type { Outage } from '../support/outage.ts';
import type { TestReceiver } from '../support/receiver.ts';
import { enterCode, eventually, guessWrong, operator, untilAt, user } from '../support/stack.ts';

const because = { reason: 'recorded' };

/** What is kept of the workflows around single journeys, and of a journey that continues as new: a name, what is meant, and how many at most. */
export const around = {
  continued: { query: `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'ContinuedAsNew'`, most: 2 },
  goneOn: { query: `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Completed'`, most: 1 },
  operation: { query: `WorkflowType = '${OPERATION_TYPE}'`, most: 8 },
  recovery: { query: `WorkflowType = '${RECOVERY_TYPE}'`, most: 4 },
  pulse: { query: `WorkflowType = '${PULSE_TYPE}'`, most: 2 },
  told: { query: `WorkflowType = '${STATUS_TYPE}' AND ExecutionStatus = 'Completed'`, most: 2 },
  givenUp: { query: `WorkflowType = '${STATUS_TYPE}' AND ExecutionStatus = 'Failed'`, most: 2 },
} as const;

/** An outage, and the night after it. Histories are short, and changes are told to the receiver. */
export async function night(outage: Outage, receiver: TestReceiver): Promise<void> {
  const { stack, strand, trigger, untilOver } = outage;
  await strand(24);
  // Small enough that it continues as new.
  const operations = new Operations({ ...stack, sizes: { page: 4, pages: 2, batches: 2 } });
  for (const command of ['pause', 'resume'] as const) {
    const filter = { step: command === 'pause' ? 'stalled' : 'paused' } as const;
    const { id } = await operations.start({ command, filter, expected: 24, perSecond: 50, ...because }, operator);
    await eventually(async () => (await operations.get(id)).state === 'done', 'the operation is over');
  }
  stack.sfox.outage(false);
  await untilOver(await trigger());
  await longJourney(outage);
  await refused(outage, receiver);
  await longPulse(outage);
}

async function longJourney({ stack }: Outage): Promise<void> {
  const userId = user('long', '.business');
  await stack.onward.start(userId, { accountType: 'business' });
  await untilAt(stack, userId, 'emailPending.awaitingCode');
  for (let nth = 0; nth < 6; nth += 1) await guessWrong(stack, userId);
  const { query } = around.continued;
  await eventually(async () => (await stack.client.workflow.count(query)).count > 0, 'it has continued as new');
  await enterCode(stack, userId, 'email');
  await untilAt(stack, userId, 'done');
}

/** A change that the receiver does not take. */
async function refused({ stack }: Outage, receiver: TestReceiver): Promise<void> {
  receiver.answer(503);
  const userId = user('refused');
  await stack.onward.start(userId, { accountType: 'individual' });
  const status = await untilAt(stack, userId, 'emailPending.awaitingCode');
  await startTelling(
    stack.client,
    { ...status, userId: user('unheard') },
    { taskQueue: stack.taskQueue, schedule: [0, 50, 50] },
  );
  const { query } = around.givenUp;
  await eventually(async () => (await stack.client.workflow.count(query)).count > 0, 'a change was given up');
}

/** More than one execution holds. */
async function longPulse({ stack: { client, taskQueue } }: Outage): Promise<void> {
  const query = `${around.pulse.query} AND ExecutionStatus = 'ContinuedAsNew'`;
  const isLong = async () => (await client.workflow.count(query)).count > 0;
  await eventually(async () => {
    await tellPulse(client, taskQueue, { sends: 1, replies: { '2xx': 1 } });
    return isLong();
  }, 'the pulse has continued as new');
  await tellPulse(client, taskQueue, { sends: 0, replies: { unknown: 1 } });
}
