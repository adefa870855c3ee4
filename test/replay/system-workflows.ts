import { BulkOperations } from '../../client/bulk-operations/bulk-operations.ts';
import { makeDryRun } from '../support/bulk-operation.ts';
import { startDelivery } from '../../client/webhooks/webhooks.ts';
import { reportProviderHealth } from '../../worker/provider/provider-health-reporter.ts';
import { WEBHOOK_DELIVERY_TYPE, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { BULK_OPERATION_TYPE } from '../../workflows/bulk-operation/contract.ts';
import { PROVIDER_HEALTH_TYPE } from '../../workflows/provider-health/contract.ts';
import { RECONCILIATION_TYPE } from '../../workflows/reconciliation/contract.ts';
import { RECOVERY_TYPE } from '../../workflows/recovery/contract.ts';
import { WHAT_IF_TYPE } from '../../workflows/what-if/contract.ts';
import type { Outage } from '../support/outage.ts';
import type { TestReceiver } from '../support/receiver.ts';
import { enterCode, waitUntil, guessWrong, operator, waitForPosition, uniqueUserId } from '../support/stack.ts';

const withReason = { reason: 'recorded' };

/** The other workflows to record, and the runs of a journey that continues as new: the file name, a visibility query, and the maximum number. */
export const systemWorkflows = {
  continued: { query: `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'ContinuedAsNew'`, most: 2 },
  'last-run': { query: `WorkflowType = '${WORKFLOW_TYPE}' AND ExecutionStatus = 'Completed'`, most: 1 },
  operation: { query: `WorkflowType = '${BULK_OPERATION_TYPE}'`, most: 8 },
  recovery: { query: `WorkflowType = '${RECOVERY_TYPE}'`, most: 4 },
  reconciliation: { query: `WorkflowType = '${RECONCILIATION_TYPE}'`, most: 1 },
  'what-if': { query: `WorkflowType = '${WHAT_IF_TYPE}'`, most: 1 },
  'provider-health': { query: `WorkflowType = '${PROVIDER_HEALTH_TYPE}'`, most: 2 },
  'webhook-delivered': {
    query: `WorkflowType = '${WEBHOOK_DELIVERY_TYPE}' AND ExecutionStatus = 'Completed'`,
    most: 2,
  },
  'webhook-given-up': { query: `WorkflowType = '${WEBHOOK_DELIVERY_TYPE}' AND ExecutionStatus = 'Failed'`, most: 2 },
} as const;

/** Runs an outage with bulk operations, recovery and webhook deliveries, so that every query of `systemWorkflows` finds an execution. */
export async function runSystemWorkflows(outage: Outage, receiver: TestReceiver): Promise<void> {
  const { stack, strand, trigger, untilOver } = outage;
  await strand(24);
  // The sizes are so small that the operation continues as new.
  const operations = new BulkOperations({ ...stack, sizes: { page: 4, pages: 2, batches: 2 } });
  for (const command of ['pause', 'resume'] as const) {
    const filter = { step: command === 'pause' ? 'stalled' : 'paused' } as const;
    const request = { command, filter, expected: 24, perSecond: 50, ...withReason } as const;
    const dryRunId = await makeDryRun(operations, request);
    const { id } = await operations.start({ ...request, dryRunId }, operator);
    await waitUntil(async () => (await operations.get(id)).state === 'done', 'the operation is done');
  }
  stack.sfox.outage(false);
  await untilOver(await trigger());
  await compareAll(outage);
  await continueJourneyAsNew(outage);
  await failDelivery(outage, receiver);
  await continueHealthAsNew(outage);
}

/** Compares the journeys with the provider's list, and with what they would have been under another policy. */
async function compareAll({ stack: { onward } }: Outage): Promise<void> {
  const { id } = await onward.reconciliations.start({ dryRun: true, ...withReason }, operator);
  await waitUntil(async () => (await onward.reconciliations.get(id)).state === 'done', 'the reconciliation is done');
  const whatIf = await onward.whatIfs.start({ policy: { codeLife: '5 minutes' } }, operator.name);
  await waitUntil(async () => (await onward.whatIfs.get(whatIf.id)).state === 'done', 'the what-if is done');
}

async function continueJourneyAsNew({ stack }: Outage): Promise<void> {
  const userId = uniqueUserId('long', '.business');
  await stack.onward.start(userId, { accountType: 'business' });
  await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  for (let nth = 0; nth < 6; nth += 1) await guessWrong(stack, userId);
  const { query } = systemWorkflows.continued;
  await waitUntil(async () => (await stack.client.workflow.count(query)).count > 0, 'the journey has continued as new');
  await enterCode(stack, userId, 'email');
  await waitForPosition(stack, userId, 'done');
}

/** Has the receiver reject a delivery until the delivery fails. */
async function failDelivery({ stack }: Outage, receiver: TestReceiver): Promise<void> {
  receiver.answer(503);
  const userId = uniqueUserId('refused');
  await stack.onward.start(userId, { accountType: 'individual' });
  const status = await waitForPosition(stack, userId, 'emailPending.awaitingCode');
  await startDelivery(
    stack.client,
    { ...status, userId: uniqueUserId('undelivered') },
    { taskQueue: stack.taskQueue, schedule: [0, 50, 50] },
  );
  const { query } = systemWorkflows['webhook-given-up'];
  await waitUntil(async () => (await stack.client.workflow.count(query)).count > 0, 'a delivery has failed');
}

/** Reports the provider's health until the workflow continues as new. */
async function continueHealthAsNew({ stack: { client, taskQueue } }: Outage): Promise<void> {
  const query = `${systemWorkflows['provider-health'].query} AND ExecutionStatus = 'ContinuedAsNew'`;
  const isLong = async () => (await client.workflow.count(query)).count > 0;
  await waitUntil(async () => {
    await reportProviderHealth(client, taskQueue, { sends: 1, replies: { '2xx': 1 } });
    return isLong();
  }, 'the provider health workflow has continued as new');
  await reportProviderHealth(client, taskQueue, { sends: 0, replies: { unknown: 1 } });
}
