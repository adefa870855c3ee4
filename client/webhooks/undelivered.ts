import type { Client } from '@temporalio/client';
import { deliveryPrefix, parseDeliveryId, undeliveredStates, WEBHOOK_DELIVERY_TYPE } from '../../workflows/contract.ts';
import type { UndeliveredFilter, UndeliveredState } from '../../workflows/contract.ts';
import { checkUserId } from '../validation.ts';

/** The number of undelivered status changes. */
export type UndeliveredCounts = { readonly [S in UndeliveredState]: number };

const executionStatuses: { readonly [S in UndeliveredState]: string } = { retrying: 'Running', givenUp: 'Failed' };

/** A delivery that is open for longer than this has failed at least twice: the second attempt comes after five seconds. */
const DELAYED_AFTER_MS = 60_000;

/**
 * Converts a filter to a visibility query. The query also matches longer user ids: check with `matchesUser`.
 *
 * @param asOf milliseconds since 1970. The query then selects only what the filter matched at this time and may still match
 */
export function undeliveredQuery({ state, userId }: UndeliveredFilter = {}, asOf?: number): string {
  const statuses = (state === undefined ? undeliveredStates : [state]).map((each) => `'${executionStatuses[each]}'`);
  const terms = [`WorkflowType = '${WEBHOOK_DELIVERY_TYPE}'`, `ExecutionStatus IN (${statuses.join(', ')})`];
  if (userId !== undefined) {
    checkUserId(userId);
    terms.push(`WorkflowId STARTS_WITH '${deliveryPrefix(userId)}'`);
  }
  if (asOf !== undefined) {
    const time = new Date(asOf).toISOString();
    terms.push(`StartTime <= '${time}'`);
    if (state === 'givenUp') terms.push(`CloseTime <= '${time}'`);
  }
  return terms.join(' AND ');
}

export const matchesUser = (workflowId: string, { userId }: UndeliveredFilter) =>
  userId === undefined || parseDeliveryId(workflowId)?.userId === userId;

/** Counts the status changes that were given up, and those that have been retried for more than a minute. Needs no worker. */
export async function countUndelivered(client: Client): Promise<UndeliveredCounts> {
  const before = new Date(Date.now() - DELAYED_AFTER_MS).toISOString();
  const [retrying, givenUp] = await Promise.all([
    client.workflow.count(`${undeliveredQuery({ state: 'retrying' })} AND StartTime < '${before}'`),
    client.workflow.count(undeliveredQuery({ state: 'givenUp' })),
  ]);
  return { retrying: retrying.count, givenUp: givenUp.count };
}

/** Describes undelivered status changes and what to do; `null` if all were delivered. */
export function describeUndelivered({
  retrying,
  givenUp,
}: UndeliveredCounts): { readonly description: string; readonly action: string } | null {
  if (retrying + givenUp === 0) return null;
  const counted = [
    ...(givenUp > 0 ? [`${givenUp} given up`] : []),
    ...(retrying > 0 ? [`${retrying} retried for more than a minute`] : []),
  ].join(', ');
  const description = `status changes were not delivered: ${counted}`;
  const restore = 'restore the receiver at ONWARD_STATUS_URL (onward webhooks says what it answers)';
  return givenUp === 0
    ? { description, action: `${restore}; deliveries are retried by themselves` }
    : { description, action: `${restore}, then onward webhooks resend-all --state givenUp` };
}
