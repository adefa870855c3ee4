import type { Client } from '@temporalio/client';
import type { UserOutcome } from '../../workflows/bulk-operation/contract.ts';
import { BadRequest } from '../errors.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { checkLimit } from '../search/list-executions.ts';
import { readActivityResults } from './activity-results.ts';

export interface OutcomePage<Item = UserOutcome> {
  readonly items: readonly Item[];
  /** Cursor of the next page; `null` if there are no more results yet. */
  readonly next: string | null;
}

/** A batch of outcomes: the index of its run and its index within the run. */
interface PageCursor {
  readonly run: number;
  readonly batch: number;
}

interface ActivityResults<Item, Result> {
  readonly workflowId: string;
  readonly runIds: readonly string[];
  /** The activity whose results have the outcomes. */
  readonly activity: string;
  readonly parse: Parser<Result>;
  /** The outcomes of a result. */
  readonly itemsOf: (result: Result) => readonly Item[];
}

/**
 * Reads the results of an operation by user, in the order of execution, from the histories of its runs.
 *
 * @param page.limit 1 to 200; a page contains whole batches, so it may have more items
 * @throws BadRequest for an invalid limit or cursor
 * @throws Unavailable if this release cannot read the results
 */
export async function listOutcomes<Item, Result>(
  client: Client,
  { workflowId, runIds, activity, parse, itemsOf }: ActivityResults<Item, Result>,
  { limit = 200, cursor }: { readonly limit?: number; readonly cursor?: string },
): Promise<OutcomePage<Item>> {
  checkLimit(limit, 'users');
  const items: Item[] = [];
  const from = parseCursor(cursor);
  for (let { run, batch } = from; run < runIds.length; [run, batch] = [run + 1, 0]) {
    const batches = await readActivityResults(client, workflowId, runIds[run] ?? '', activity, parse);
    for (; batch < batches.length; batch += 1) {
      const result = batches[batch];
      const outcomes = result === undefined ? [] : itemsOf(result);
      if (items.length > 0 && items.length + outcomes.length > limit) return { items, next: `${run}-${batch}` };
      items.push(...outcomes);
    }
  }
  return { items, next: null };
}

function parseCursor(cursor = '0-0'): PageCursor {
  const [, run, batch] = /^(\d{1,6})-(\d{1,6})$/.exec(cursor) ?? [];
  if (run === undefined || batch === undefined) throw new BadRequest('cursor', "cursor must be the 'next' of a page");
  return { run: Number(run), batch: Number(batch) };
}
