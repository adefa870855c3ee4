import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { RECONCILIATION_MEMO, RECONCILIATION_TYPE, reconciliationId } from '../../workflows/reconciliation/contract.ts';
import type {
  ReconciliationInput,
  ReconciliationMemo,
  ReconciliationProgress,
} from '../../workflows/reconciliation/contract.ts';
import { parseMemo } from '../../workflows/reconciliation/parse.ts';
import { NotFound } from '../errors.ts';
import { isUuid } from '../validation.ts';
import { isEndedFromOutside, listExecutions } from '../search/list-executions.ts';
import type { Execution } from '../search/list-executions.ts';
import { describeWorkflow, memoOf, readMemo, UNREADABLE } from '../temporal/messages.ts';
import type { WithMemo } from '../temporal/messages.ts';

/** A reconciliation: who started it and why, its settings and its progress. Times are RFC 3339. */
export type Reconciliation = Omit<ReconciliationInput, 'fingerprint' | 'sizes'> & ReconciliationProgress;

interface ReconciliationExecution {
  readonly memo: ReconciliationMemo;
  /** temporal.api.enums.v1.WorkflowExecutionStatus */
  readonly status: number | null | undefined;
}

async function readShown(client: Client, source: WithMemo): Promise<ReconciliationMemo | undefined> {
  const memo = await readMemo(client, source, RECONCILIATION_MEMO, parseMemo);
  if (memo === undefined || memo === UNREADABLE) return undefined;
  // An authentic memo may still be that of another workflow.
  return reconciliationId(memo.order.id) === source.workflowId ? memo : undefined;
}

/** Converts a memo to a reconciliation. One that was ended from outside is `stopped`. */
function toReconciliation({ memo: { order, progress }, status }: ReconciliationExecution): Reconciliation {
  const { id, dryRun, graceFor, perSecond, by, reason, at } = order;
  const request = { id, dryRun, graceFor, perSecond, by, reason, at };
  return {
    ...request,
    ...progress,
    ...(isEndedFromOutside(status) && { state: 'stopped', note: 'the reconciliation was terminated' }),
  };
}

/** Finds a reconciliation; `undefined` if it does not exist. */
export async function findReconciliation(client: Client, id: string): Promise<ReconciliationExecution | undefined> {
  if (!isUuid(id)) return undefined;
  try {
    const described = await describeWorkflow(client, reconciliationId(id));
    const memo = await readShown(client, memoOf(described));
    return memo === undefined ? undefined : { memo, status: described.status.code };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Reads a reconciliation and the run ids whose histories contain its results. Throws `NotFound`. */
export async function readReconciliation(
  client: Client,
  id: string,
): Promise<{ readonly reconciliation: Reconciliation; readonly runIds: readonly string[] }> {
  const found = await findReconciliation(client, id);
  if (found === undefined) throw new NotFound('no reconciliation exists with this id');
  return { reconciliation: toReconciliation(found), runIds: found.memo.processedIn };
}

/** Lists reconciliations, the newest first. */
export async function listReconciliations(client: Client, limit: number, cursor: string | undefined) {
  const query = `WorkflowType = '${RECONCILIATION_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const { executions, next } = await listExecutions(client, query, limit, cursor);
  const read = await Promise.all(executions.map((execution) => readExecution(client, execution)));
  return { items: read.filter((one) => one !== undefined), next };
}

async function readExecution(client: Client, { execution, memo, status }: Execution) {
  const shown = await readShown(client, { workflowId: execution?.workflowId ?? '', memo: memo?.fields });
  return shown && toReconciliation({ memo: shown, status: Number(status) });
}

/** Whether a reconciliation that changes something is running. */
export async function isReconciling(client: Client): Promise<boolean> {
  const query = `WorkflowType = '${RECONCILIATION_TYPE}' AND ExecutionStatus = 'Running'`;
  const { executions } = await listExecutions(client, query, 50, undefined);
  const read = await Promise.all(executions.map((execution) => readExecution(client, execution)));
  return read.some((one) => one !== undefined && !one.dryRun);
}
