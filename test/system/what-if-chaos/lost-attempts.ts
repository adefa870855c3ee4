import type { Client } from '@temporalio/client';
import type { Call, Sfox } from '../../../sandbox/sfox/index.ts';
import type { CheckActivities, SendActivities } from '../../../activities/contract.ts';
import type { HistoryEvent } from '../../../client/journey-history/workflow-tasks.ts';
import { journeyId } from '../../../workflows/contract.ts';

type ProviderActivity = keyof SendActivities | keyof CheckActivities;

const calls: { readonly [A in ProviderActivity]: Call } = {
  sendCode: 'send',
  confirmCode: 'confirm',
  readUser: 'read',
};

/**
 * Returns the users for which Temporal has counted more attempts of a request than the provider has received. Such an attempt was lost
 * between Temporal and a worker. The journey's log need not say so: a read of the record is retried, with one attempt fewer left.
 */
export async function findLostAttempts(
  client: Client,
  sfox: Pick<Sfox, 'requests'>,
  users: readonly string[],
): Promise<ReadonlySet<string>> {
  const received = countBy(sfox.requests().map(({ userId, call }) => `${call} ${userId}`));
  const lost = new Set<string>();
  for (const userId of users) {
    const { events = [] } = await client.workflow.getHandle(journeyId(userId)).fetchHistory();
    const attempts = countAttempts(events ?? []);
    if ([...attempts].some(([call, count]) => count > (received.get(`${call} ${userId}`) ?? 0))) lost.add(userId);
  }
  return lost;
}

/** Counts the attempts of all requests to the provider in a history. */
function countAttempts(events: readonly HistoryEvent[]): ReadonlyMap<Call, number> {
  const scheduled = new Map<string, Call>();
  const attempts = new Map<Call, number>();
  for (const {
    eventId,
    activityTaskScheduledEventAttributes: order,
    activityTaskStartedEventAttributes: start,
  } of events) {
    const name = order?.activityType?.name ?? '';
    if (isProviderActivity(name)) scheduled.set(String(eventId), calls[name]);
    const call = scheduled.get(String(start?.scheduledEventId));
    if (call !== undefined) attempts.set(call, (attempts.get(call) ?? 0) + (start?.attempt ?? 0));
  }
  return attempts;
}

const isProviderActivity = (name: string): name is ProviderActivity => Object.hasOwn(calls, name);

function countBy(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
