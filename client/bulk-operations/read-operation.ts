import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import type { ApprovalRequirement, Decision } from '../../workflows/bulk-operation/approval.ts';
import {
  BULK_OPERATION_MEMO,
  BULK_OPERATION_TYPE,
  operationId,
  operationOutcomes,
  resultOfOutcome,
} from '../../workflows/bulk-operation/contract.ts';
import type {
  BulkOperationInput,
  BulkOperationProgress,
  BulkOperationMemo,
  OperationResult,
} from '../../workflows/bulk-operation/contract.ts';
import { parseMemo } from '../../workflows/bulk-operation/parse.ts';
import type { UndeliveredFilter } from '../../workflows/contract.ts';
import type { PolicyDocument } from '../../workflows/journey/policy/adoption.ts';
import { describeWorkflow, memoOf, readMemo as readMemoField, UNREADABLE } from '../temporal/messages.ts';
import type { WithMemo } from '../temporal/messages.ts';
import { NotFound, Unavailable } from '../errors.ts';
import { isUuid } from '../validation.ts';
import { isEndedFromOutside, listExecutions } from '../search/list-executions.ts';

/** A bulk operation: its request, the operator and reason, and its progress. Times are RFC 3339. */
export type BulkOperation = Omit<
  BulkOperationInput,
  'asOf' | 'fingerprint' | 'sizes' | 'document' | 'policy' | 'approval' | 'webhooks'
> &
  Omit<BulkOperationProgress, 'decision'> & {
    /** Names what was requested: a second operator approves this and nothing else. */
    readonly digest: string;
    /** The approval by a second operator; `null` if it needs none. */
    readonly approval: (Pick<ApprovalRequirement, 'above' | 'until'> & { readonly decision: Decision | null }) | null;
    /** The content of the policy file of `adoptPolicy`; otherwise `null`. */
    readonly policy: PolicyDocument | null;
    /** The filter of `resendWebhooks`; otherwise `null`. */
    readonly webhooks: UndeliveredFilter | null;
    /** The number of users by result; `outcomes` has the codes. */
    readonly results: { readonly [R in OperationResult]: number };
  };

type Execution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

const UNREADABLE_OPERATION =
  "this operation cannot be read: what is stored is not the operation's own, its key is missing, or a newer release has written it; check ONWARD_ENCRYPTION_KEYS, or deploy the newer release";

/** More operations than run at the same time in practice. */
const MAX_OPEN = 100;

interface FoundOperation {
  readonly memo: BulkOperationMemo;
  /** temporal.api.enums.v1.WorkflowExecutionStatus */
  readonly status: number | null | undefined;
}

/** Reads the memo of an execution; `UNREADABLE` if it is not the operation's own, or cannot be read. Needs no worker. */
export async function readMemo(
  client: Client,
  { memo, execution }: Execution,
): Promise<BulkOperationMemo | typeof UNREADABLE> {
  return readShown(client, { workflowId: execution?.workflowId ?? '', memo: memo?.fields });
}

async function readShown(client: Client, source: WithMemo): Promise<BulkOperationMemo | typeof UNREADABLE> {
  const memo = await readMemoField(client, source, BULK_OPERATION_MEMO, parseMemo);
  if (memo === undefined || memo === UNREADABLE) return UNREADABLE;
  return operationId(memo.order.id) === source.workflowId ? memo : UNREADABLE;
}

/** Converts a memo to an operation. An operation that was ended from outside is `stopped`. */
export function toBulkOperation(
  { order, progress }: BulkOperationMemo,
  { status }: Partial<Pick<FoundOperation, 'status'>>,
): BulkOperation {
  const { id, command, document: policy = null, filter, expected, perSecond, dryRun, dryRunId, by, reason, at } = order;
  const { approval, fingerprint: digest, webhooks = null } = order;
  const { decision = null, ...shown } = progress;
  const request = {
    id,
    command,
    policy,
    filter,
    webhooks,
    expected,
    perSecond,
    dryRun,
    dryRunId,
    by,
    reason,
    at,
    digest,
    approval: approval === undefined ? null : { above: approval.above, until: approval.until, decision },
  };
  return {
    ...request,
    ...shown,
    results: resultsOf(progress.outcomes),
    ...(isEndedFromOutside(status) && { state: 'stopped', note: 'the operation was terminated' }),
  };
}

function resultsOf(outcomes: BulkOperationProgress['outcomes']): BulkOperation['results'] {
  const results = { applied: 0, refused: 0, unanswered: 0 };
  for (const outcome of operationOutcomes) results[resultOfOutcome[outcome]] += outcomes[outcome];
  return results;
}

/**
 * Finds an operation; `undefined` if it does not exist.
 *
 * @throws Unavailable if it cannot be read
 */
export async function findOperation(client: Client, id: string): Promise<FoundOperation | undefined> {
  if (!isUuid(id)) return undefined;
  try {
    const described = await describeWorkflow(client, operationId(id));
    const operationMemo = await readShown(client, memoOf(described));
    if (operationMemo === UNREADABLE) throw new Unavailable(UNREADABLE_OPERATION);
    return { memo: operationMemo, status: described.status.code };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Reads an operation and the run ids whose histories contain its results. Throws `NotFound`. */
export async function readOperation(
  client: Client,
  id: string,
): Promise<{ readonly operation: BulkOperation; readonly runIds: readonly string[] }> {
  const found = await findOperation(client, id);
  if (found === undefined) throw new NotFound('no bulk operation exists with this id');
  return { operation: toBulkOperation(found.memo, found), runIds: found.memo.processedUsers };
}

/** Lists the running operations. */
export async function openOperations(client: Client): Promise<readonly BulkOperationMemo[]> {
  const query = `WorkflowType = '${BULK_OPERATION_TYPE}' AND ExecutionStatus = 'Running'`;
  const { executions } = await listExecutions(client, query, MAX_OPEN, undefined);
  const memos = await Promise.all(executions.map((execution) => readMemo(client, execution)));
  return memos.filter((one) => one !== UNREADABLE);
}
