import { operationOutcomes } from './contract.ts';
import type { Batch, BulkOperationInput, BulkOperationProgress, UserOutcome, UserOutcomeType } from './contract.ts';

/** The state of an operation, as plain JSON for continue-as-new. It contains no users and no outcomes. */
export interface BulkOperationState {
  readonly progress: BulkOperationProgress;
  /** The cursor of the next page of users: `null` for the first, `end` when all have been listed. */
  readonly cursor: string | null;
  /** The pages of users that are not processed completely, with the run that listed them. */
  readonly pages: readonly { readonly runId: string; readonly page: number; readonly users: number }[];
  /** The number of processed users of the first page. */
  readonly from: number;
  readonly processedUsers: readonly string[];
}

/** The duration of a batch: how soon a stop takes effect, and how often progress is published. */
const SECONDS_PER_BATCH = 5;

/** Returns the state of a new operation. */
export function initialProgress(order: Pick<BulkOperationInput, 'approval'>, at: string): BulkOperationState {
  return { progress: initialState(order, at), cursor: null, pages: [], from: 0, processedUsers: [] };
}

/** Returns the progress of a new operation. */
export function initialState({ approval }: Pick<BulkOperationInput, 'approval'>, at: string): BulkOperationProgress {
  const outcomes = Object.fromEntries(operationOutcomes.map((outcome) => [outcome, 0]));
  return {
    state: approval === undefined ? 'running' : 'awaitingApproval',
    total: null,
    done: 0,
    outcomes: outcomes as { [O in UserOutcomeType]: number },
    stopped: null,
    note: null,
    updatedAt: at,
  };
}

/** Returns the next batch of users; `undefined` if all have been processed. */
export function nextBatch({ pages: [page], from }: BulkOperationState, perSecond: number): Batch | undefined {
  if (page === undefined || page.users === 0) return undefined;
  const to = Math.min(page.users, from + Math.max(1, Math.round(perSecond * SECONDS_PER_BATCH)));
  return { runId: page.runId, page: page.page, from, to };
}

/** Adds the outcomes of a batch that this run has processed. */
export function withBatchResult(
  course: BulkOperationState,
  runId: string,
  { to }: Batch,
  results: readonly UserOutcome[],
): BulkOperationState {
  const { progress, pages: gathered } = course;
  const [page, ...others] = gathered;
  const outcomes = { ...progress.outcomes };
  for (const { outcome } of results) outcomes[outcome] += 1;
  const pageIsThrough = to === page?.users;
  return {
    ...course,
    progress: { ...progress, done: progress.done + results.length, outcomes },
    pages: pageIsThrough ? others : gathered,
    from: pageIsThrough ? 0 : to,
    processedUsers: course.processedUsers.at(-1) === runId ? course.processedUsers : [...course.processedUsers, runId],
  };
}
