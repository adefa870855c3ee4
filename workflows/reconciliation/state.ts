import { differences, reconciliationOutcomes } from './contract.ts';
import type { Batch, DifferencePage, ReconciledUser, ReconciliationProgress } from './contract.ts';

/** The state of a reconciliation, as plain JSON for continue-as-new. It contains no users and no outcomes. */
export interface ReconciliationState {
  readonly progress: ReconciliationProgress;
  /** The last user of the previous page: `null` for the first page, `end` when all differences have been found. */
  readonly after: { readonly userId: string | null } | 'end';
  /** The pages that are not processed completely, with the run that found them. */
  readonly pages: readonly { readonly runId: string; readonly page: number; readonly items: number }[];
  /** The number of processed differences of the first page. */
  readonly from: number;
  /** The runs that found users without a journey who wait; `null` once they have been looked for again. */
  readonly foundIn: readonly string[];
  /** When `graceFor` ends for all who wait, milliseconds since 1970; 0 if no user waits. */
  readonly graceEndsAt: number;
  /** Whether those who waited are being looked for again. */
  readonly isSecondPass: boolean;
  readonly processedIn: readonly string[];
}

/** The duration of a batch: how soon a stop takes effect, and how often progress is published. */
const SECONDS_PER_BATCH = 5;
const MAX_BATCH = 250;

const zeros = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, 0])) as { readonly [P in K]: number };

/** Returns the progress of a new reconciliation. */
export function initialProgress(at: string): ReconciliationProgress {
  return {
    state: 'running',
    users: null,
    unreadable: 0,
    total: null,
    done: 0,
    differences: zeros(differences),
    outcomes: zeros(reconciliationOutcomes),
    waiting: 0,
    waitingUntil: null,
    stopped: null,
    note: null,
    updatedAt: at,
  };
}

/** Returns the state of a new reconciliation. */
export function initialState(at: string): ReconciliationState {
  return {
    progress: initialProgress(at),
    after: { userId: null },
    pages: [],
    from: 0,
    foundIn: [],
    graceEndsAt: 0,
    isSecondPass: false,
    processedIn: [],
  };
}

/** Adds a page that this run has found. */
export function withPage(
  state: ReconciliationState,
  { runId, page, graceEndsAt }: { readonly runId: string; readonly page: number; readonly graceEndsAt: number },
  found: DifferencePage,
): ReconciliationState {
  const { items, waiting, next, users, unreadable } = found;
  const { pages, foundIn } = state;
  const counts = { ...state.progress.differences };
  if (!state.isSecondPass) for (const { difference } of items) counts[difference] += 1;
  return {
    ...state,
    progress: {
      ...state.progress,
      users,
      unreadable,
      differences: counts,
      waiting: state.isSecondPass ? state.progress.waiting : state.progress.waiting + waiting,
    },
    after: next === null ? 'end' : { userId: next },
    pages: items.length === 0 ? pages : [...pages, { runId, page, items: items.length }],
    foundIn: waiting > 0 && !foundIn.includes(runId) ? [...foundIn, runId] : foundIn,
    graceEndsAt: waiting > 0 ? Math.max(state.graceEndsAt, graceEndsAt) : state.graceEndsAt,
  };
}

/** Returns the next batch of differences; `undefined` if all have been processed. */
export function nextBatch({ pages: [page], from }: ReconciliationState, perSecond: number): Batch | undefined {
  if (page === undefined) return undefined;
  const size = Math.min(MAX_BATCH, Math.max(1, Math.round(perSecond * SECONDS_PER_BATCH)));
  const to = Math.min(page.items, from + size);
  return { runId: page.runId, page: page.page, from, to };
}

/** Adds the outcomes of a batch that this run has processed. */
export function withBatchResult(
  state: ReconciliationState,
  runId: string,
  { to }: Batch,
  results: readonly ReconciledUser[],
): ReconciliationState {
  const { progress, pages, processedIn } = state;
  const [page, ...others] = pages;
  const outcomes = { ...progress.outcomes };
  for (const { outcome } of results) outcomes[outcome] += 1;
  const isPageDone = to === page?.items;
  return {
    ...state,
    progress: { ...progress, done: progress.done + results.length, outcomes },
    pages: isPageDone ? others : pages,
    from: isPageDone ? 0 : to,
    processedIn: processedIn.at(-1) === runId ? processedIn : [...processedIn, runId],
  };
}

/** Looks again for those who waited: an event may have come for them, or the provider may have verified them. */
export function beginSecondPass(state: ReconciliationState): ReconciliationState {
  return {
    ...state,
    progress: { ...state.progress, state: 'running', waiting: 0, waitingUntil: null },
    after: { userId: null },
    isSecondPass: true,
  };
}
