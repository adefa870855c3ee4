import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { UserDirectory } from '../../activities/user-directory.ts';
import { readActivityResults } from '../../client/bulk-operations/activity-results.ts';
import { JourneyStarter } from '../../client/journeys/start.ts';
import type { StartOptions } from '../../client/journeys/start.ts';
import { StatusReader } from '../../client/journeys/status-reader.ts';
import { listJourneys } from '../../client/search/journey-search.ts';
import type { UserIdRule } from '../../client/validation.ts';
import type {
  CompareRequest,
  Difference,
  DifferencePage,
  ReconcileRequest,
  ReconciliationActivities,
} from '../../workflows/reconciliation/contract.ts';
import { withHeartbeat } from '../health/heartbeat.ts';
import { UserComparison } from './compare-users.ts';
import { callAtRate } from './rate-limit.ts';
import { createReconciler } from './reconcile-user.ts';
import { startScheduledReconciliation } from './scheduled-reconciliation.ts';
import { reconciliationResults } from '../../workflows/reconciliation/parse.ts';

export interface ReconciliationOptions {
  readonly client: Client;
  readonly directory: UserDirectory;
  /** How journeys are started. */
  readonly start: StartOptions;
  readonly userIds: UserIdRule;
  readonly closing: AbortSignal;
}

/**
 * Creates the activities of reconciliations. Each page of differences is computed from the provider's whole list, so that nothing of
 * it is stored, and a worker that takes over starts from the beginning.
 */
export function createReconciliationActivities(options: ReconciliationOptions): ReconciliationActivities {
  const { client, start, closing } = options;
  const starter = new JourneyStarter(client, new StatusReader(client), start);
  return {
    findDifferences: (request) => withHeartbeat(closing, () => findDifferences(options, request)),
    reconcileBatch: (request) =>
      withHeartbeat(closing, async () => {
        const reconcile = createReconciler(client, starter, request);
        const due = await dueIn(client, request);
        // A step without a request to a journey needs no rate limit.
        const isFree = (each: Difference) => isReported(each) || (request.dryRun && each.difference === 'noJourney');
        const free = await Promise.all(due.filter(isFree).map(reconcile));
        const { perSecond } = request;
        const shouldContinue = () => !closing.aborted;
        const paced = due.filter((each) => !isFree(each));
        return [...free, ...(await callAtRate(paced, { perSecond, call: reconcile, shouldContinue }))];
      }),
    startScheduled: (settings) => startScheduledReconciliation(client, settings),
  };
}

async function findDifferences(
  { client, directory, userIds, closing }: ReconciliationOptions,
  { after, most, graceFor, foundIn }: CompareRequest,
): Promise<DifferencePage> {
  const { info, cancellationSignal } = Context.current();
  const readAt = Date.now();
  const comparison = new UserComparison(userIds);
  await directory.listUsers((user) => comparison.addUser(user), AbortSignal.any([closing, cancellationSignal]));
  for await (const journey of listJourneys(client, info.taskQueue)) comparison.addJourney(journey, readAt);
  // If the list has no time of registration, the grace period begins now.
  const found = comparison.differences((registeredAt) => (registeredAt ?? readAt) + graceFor);
  const wanted = foundIn === null ? found : await onlyFoundBefore(client, found, foundIn);
  const items = wanted.filter(({ userId }) => after === null || userId > after).slice(0, most);
  const isLast = items.length < most || items.at(-1)?.userId === wanted.at(-1)?.userId;
  return {
    items,
    waiting: items.filter((each) => isEarly(each, Date.now())).length,
    next: isLast ? null : (items.at(-1)?.userId ?? null),
    users: comparison.users,
    unreadable: comparison.unreadable,
  };
}

/** Only users who had no journey when the list was first read. The others have not waited for the grace period. */
async function onlyFoundBefore(client: Client, found: readonly Difference[], foundIn: readonly string[]) {
  const before = new Set<string>();
  for (const runId of foundIn) {
    for (const { items } of await pagesOf(client, runId)) {
      for (const { userId, difference } of items) if (difference === 'noJourney') before.add(userId);
    }
  }
  return found.filter(({ userId, difference }) => difference === 'noJourney' && before.has(userId));
}

function pagesOf(client: Client, runId: string): Promise<DifferencePage[]> {
  const { workflowId } = Context.current().info.workflowExecution ?? { workflowId: '' };
  const { findDifferences } = reconciliationResults;
  return readActivityResults(client, workflowId, runId, 'findDifferences', findDifferences);
}

const isReported = ({ difference }: Difference) => difference === 'partlyVerified' || difference === 'notRegistered';

const isEarly = ({ notBefore = 0 }: Difference, at: number) => notBefore > at;

/** Reads the differences of a batch from the history of the run that found them. Those that are too early wait, except in a dry run. */
async function dueIn(client: Client, { runId, page, from, to, dryRun }: ReconcileRequest) {
  const pages = await pagesOf(client, runId);
  const items = (pages[page]?.items ?? []).slice(from, to);
  return items.filter((each) => dryRun || !isEarly(each, Date.now()));
}
