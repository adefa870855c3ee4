import type { Client } from '@temporalio/client';
import type { UserOutcome } from '../workflows/operation/contract.ts';
import { BadRequest } from './errors.ts';
import { checkLimit } from './executions.ts';
import { resultsOf } from './results.ts';

export interface OutcomePage {
  readonly items: readonly UserOutcome[];
  /** Where the next page begins; `null` where there is none, or none yet. */
  readonly next: string | null;
}

/** A batch of outcomes, by the number of the execution that told it and its number there. */
interface Mark {
  readonly run: number;
  readonly batch: number;
}

/**
 * Reads what came of an operation by user, in the order in which they were told. The histories of its executions hold it.
 *
 * @param told the executions
 * @param page.limit 1 to 200; users who were told in one go stay together, so that there may be more
 * @throws BadRequest for a limit or a cursor that is none
 */
export async function outcomePage(
  client: Client,
  workflowId: string,
  told: readonly string[],
  { limit = 200, cursor }: { readonly limit?: number; readonly cursor?: string },
): Promise<OutcomePage> {
  checkLimit(limit, 'users');
  const items: UserOutcome[] = [];
  const from = markOf(cursor);
  for (let { run, batch } = from; run < told.length; [run, batch] = [run + 1, 0]) {
    const batches = (await resultsOf(client, workflowId, told[run] ?? '', 'tellBatch')) as UserOutcome[][];
    for (; batch < batches.length; batch += 1) {
      const outcomes = batches[batch] ?? [];
      if (items.length > 0 && items.length + outcomes.length > limit) return { items, next: `${run}.${batch}` };
      items.push(...outcomes);
    }
  }
  return { items, next: null };
}

function markOf(cursor = '0.0'): Mark {
  const [, run, batch] = /^(\d{1,6})\.(\d{1,6})$/.exec(cursor) ?? [];
  if (run === undefined || batch === undefined) throw new BadRequest('cursor', "a cursor is the 'next' of a page");
  return { run: Number(run), batch: Number(batch) };
}
