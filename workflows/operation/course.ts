import { operationOutcomes } from './contract.ts';
import type { Batch, OperationOutcome, OperationProgress, UserOutcome } from './contract.ts';

/** What an operation remembers: plain JSON, for when it continues as new. Users and outcomes are not in it. */
export interface Course {
  readonly progress: OperationProgress;
  /** Where the next page of users begins: `null` for the first, `end` when all have been gathered. */
  readonly cursor: string | null;
  /** Where users were gathered, and how many, but for those that have all been told. */
  readonly gathered: readonly { readonly runId: string; readonly page: number; readonly users: number }[];
  /** Users of the first of these pages that have been told. */
  readonly from: number;
  readonly told: readonly string[];
}

/** So much time's worth of users is told in one go: how soon a stop takes effect, and how often progress is shown. */
const BATCH_SECONDS = 5;

/** An operation that begins. */
export function untouched(at: string): Course {
  return { progress: begun(at), cursor: null, gathered: [], from: 0, told: [] };
}

/** What an operation shows before it has done anything. */
export function begun(at: string): OperationProgress {
  const outcomes = Object.fromEntries(operationOutcomes.map((outcome) => [outcome, 0]));
  return {
    state: 'running',
    total: null,
    done: 0,
    outcomes: outcomes as { [O in OperationOutcome]: number },
    stopped: null,
    note: null,
    updatedAt: at,
  };
}

/** The users that are next; `undefined` when all have been told. */
export function nextBatch({ gathered: [page], from }: Course, perSecond: number): Batch | undefined {
  if (page === undefined || page.users === 0) return undefined;
  const to = Math.min(page.users, from + Math.max(1, Math.round(perSecond * BATCH_SECONDS)));
  return { runId: page.runId, page: page.page, from, to };
}

/** Counts what came of a batch that was told in this execution. */
export function counted(course: Course, runId: string, { to }: Batch, told: readonly UserOutcome[]): Course {
  const { progress, gathered } = course;
  const [page, ...others] = gathered;
  const outcomes = { ...progress.outcomes };
  for (const { outcome } of told) outcomes[outcome] += 1;
  const pageIsThrough = to === page?.users;
  return {
    ...course,
    progress: { ...progress, done: progress.done + told.length, outcomes },
    gathered: pageIsThrough ? others : gathered,
    from: pageIsThrough ? 0 : to,
    told: course.told.at(-1) === runId ? course.told : [...course.told, runId],
  };
}
