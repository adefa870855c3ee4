import type { Client } from '@temporalio/client';
import { keyedUpdateId } from '../../client/journeys/idempotent-update.ts';
import { listExecutions } from '../../client/search/list-executions.ts';
import { DeliveryResender } from '../../client/webhooks/delivery-resender.ts';
import type { ResendResult } from '../../client/webhooks/delivery-resender.ts';
import { matchesUser, undeliveredQuery } from '../../client/webhooks/undelivered.ts';
import { readWebhookId, webhookIdOf, workflowIdOf } from '../../client/webhooks/webhooks.ts';
import type { BatchRequest, GatherRequest, UserOutcome, UserPage } from '../../workflows/bulk-operation/contract.ts';
import { parseDeliveryId } from '../../workflows/contract.ts';
import { concernsOneJourney } from './one-journey.ts';

type WebhookGatherRequest = Pick<GatherRequest, 'page' | 'cursor'> & Required<Pick<GatherRequest, 'webhooks'>>;

/** Lists a page of the undelivered webhooks that match a filter. */
export async function listWebhooks(
  client: Client,
  { webhooks: { asOf, ...filter }, page, cursor }: WebhookGatherRequest,
): Promise<UserPage> {
  const { executions, next } = await listExecutions(client, undeliveredQuery(filter, asOf), page, cursor ?? undefined);
  // A delivery that was sent again while it was listed has two runs.
  const workflowIds = new Set(executions.map(({ execution }) => execution?.workflowId ?? ''));
  const deliveries = [...workflowIds].flatMap((workflowId) => {
    const userId = parseDeliveryId(workflowId)?.userId;
    return userId === undefined || !matchesUser(workflowId, filter) ? [] : [{ userId, id: webhookIdOf(workflowId) }];
  });
  return { users: deliveries.map(({ userId }) => userId), webhooks: deliveries.map(({ id }) => id), next };
}

type Outcome = Pick<UserOutcome, 'outcome' | 'why'>;

/** Creates a function that resends a webhook and returns the outcome. */
export function createWebhookSender(client: Client, { id, by }: BatchRequest): (id: string) => Promise<UserOutcome> {
  const resender = new DeliveryResender(client);
  // The key makes a retried batch resend each webhook only once.
  const role = by.role === 'app' ? by.role : 'operator';
  const key = keyedUpdateId({ role, name: by.name, idempotencyKey: `operation:${id}` }) ?? '';
  return async (webhookId) => {
    const { userId, revision } = readWebhookId(webhookId) ?? { userId: '', revision: 0 };
    const outcome = await resender.resendUndelivered(workflowIdOf(webhookId), key).then(outcomeOf, (error: unknown) => {
      if (concernsOneJourney(error, userId)) return unanswered(error instanceof Error ? error.message : null);
      throw error;
    });
    return { userId, until: null, ...outcome, webhook: { id: webhookId, revision } };
  };
}

const unanswered = (why: string | null): Outcome => ({ outcome: 'unanswered', why });

function outcomeOf(result: ResendResult): Outcome {
  switch (result.type) {
    case 'delivered':
      return { outcome: 'applied', why: null };
    case 'deliveredBefore':
      return { outcome: 'noLongerMatches', why: 'it was delivered before, so it was not sent again' };
    case 'undelivered':
      return { outcome: 'undelivered', why: result.problem };
    case 'unanswered':
      return unanswered('no attempt ended in time');
  }
}
