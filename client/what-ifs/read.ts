import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { WHAT_IF_MEMO, WHAT_IF_PROGRESS_MEMO, WHAT_IF_TYPE, whatIfId } from '../../workflows/what-if/contract.ts';
import type { WhatIfOrder, WhatIfProgress } from '../../workflows/what-if/contract.ts';
import { parseOrder, parseProgressMemo } from '../../workflows/what-if/parse.ts';
import { NotFound } from '../errors.ts';
import { isUuid } from '../validation.ts';
import { isEndedFromOutside, listExecutions } from '../search/list-executions.ts';
import type { Execution } from '../search/list-executions.ts';
import { describeWorkflow, memoOf, readMemo, UNREADABLE } from '../temporal/messages.ts';
import type { WithMemo } from '../temporal/messages.ts';

/** A what-if: its policies, its journeys and its result in sum. Times are RFC 3339. */
export type WhatIf = Omit<WhatIfOrder, 'document'> & WhatIfProgress & { readonly policy: WhatIfOrder['document'] };

async function readOwnOrder(client: Client, source: WithMemo): Promise<WhatIfOrder | undefined> {
  const order = await readMemo(client, source, WHAT_IF_MEMO, parseOrder);
  if (order === undefined || order === UNREADABLE) return undefined;
  // An authentic memo may still be that of another workflow.
  return whatIfId(order.id) === source.workflowId ? order : undefined;
}

const sourceOf = ({ execution, memo }: Execution): WithMemo => ({
  workflowId: execution?.workflowId ?? '',
  memo: memo?.fields,
});

/** Reads the request of a what-if from its memo; `undefined` if it is not its own, or its key is missing. Needs no worker. */
export const readWhatIfOrder = (client: Client, execution: Execution): Promise<WhatIfOrder | undefined> =>
  readOwnOrder(client, sourceOf(execution));

interface OwnWhatIf {
  readonly whatIf: WhatIf;
  readonly runIds: readonly string[];
}

async function readOwnWhatIf(client: Client, source: WithMemo, status: unknown): Promise<OwnWhatIf | undefined> {
  const order = await readOwnOrder(client, source);
  const shown = await readMemo(client, source, WHAT_IF_PROGRESS_MEMO, parseProgressMemo);
  if (order === undefined || shown === undefined || shown === UNREADABLE) return undefined;
  const { progress, processedIn } = shown;
  const { document: policy, ...request } = order;
  const whatIf = { ...request, policy, ...progress, ...(isEndedFromOutside(status) && { state: 'stopped' as const }) };
  return { whatIf, runIds: processedIn };
}

/** Reads a what-if and the runs whose histories contain its results. Throws `NotFound`. */
export async function readWhatIf(client: Client, id: string): Promise<OwnWhatIf> {
  const notFound = new NotFound('no what-if exists with this id');
  if (!isUuid(id)) throw notFound;
  try {
    const described = await describeWorkflow(client, whatIfId(id));
    const own = await readOwnWhatIf(client, memoOf(described), described.status.code);
    if (own === undefined) throw notFound;
    return own;
  } catch (error) {
    throw error instanceof WorkflowNotFoundError ? notFound : error;
  }
}

/** Lists what-ifs, the newest first. */
export async function listWhatIfs(client: Client, limit: number, cursor: string | undefined) {
  const query = `WorkflowType = '${WHAT_IF_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const { executions, next } = await listExecutions(client, query, limit, cursor);
  const items = await Promise.all(
    executions.map((execution) => readOwnWhatIf(client, sourceOf(execution), execution.status)),
  );
  return { items: items.flatMap((own) => (own === undefined ? [] : [own.whatIf])), next };
}
