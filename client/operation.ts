import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { decodeMapFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import type { temporal } from '@temporalio/proto';
import { OPERATION_MEMO, OPERATION_TYPE, operationId } from '../workflows/operation/contract.ts';
import type { OperationOrder, OperationProgress, OperationShown } from '../workflows/operation/contract.ts';
import { ofWorkflow } from './belonging.ts';
import { NotFound } from './errors.ts';
import { listExecutions } from './executions.ts';

/** A bulk operation: what was ordered, by whom and why, and how far it has come. Times are RFC 3339. */
export type Operation = Omit<OperationOrder, 'asOf' | 'fingerprint' | 'sizes'> & OperationProgress;

type Execution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** temporal.api.enums.v1.WorkflowExecutionStatus */
const RUNNING = 1;
const COMPLETED = 2;

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** More than anybody has going at once. */
const MOST_OPEN = 100;

interface Found {
  readonly shown: OperationShown;
  /** temporal.api.enums.v1.WorkflowExecutionStatus */
  readonly status: number | null | undefined;
}

/** What an execution's memo shows; `undefined` where it is no operation's. No worker is needed. */
export async function shownIn(client: Client, { memo, execution }: Execution): Promise<OperationShown | undefined> {
  const context = ofWorkflow(client, execution?.workflowId ?? '');
  const decoded = await decodeMapFromPayloads(client.options.loadedDataConverter, memo?.fields, context);
  return decoded?.[OPERATION_MEMO] as OperationShown | undefined;
}

/** An operation as it stands. One that was cut off from outside has stopped. */
export function operationOf(
  { order, progress }: OperationShown,
  { status }: Partial<Pick<Found, 'status'>>,
): Operation {
  const { id, command, filter, expected, perSecond, dryRun, by, reason, at } = order;
  const ordered = { id, command, filter, expected, perSecond, dryRun, by, reason, at };
  const isCutOff = status !== RUNNING && status !== COMPLETED;
  return { ...ordered, ...progress, ...(isCutOff && { state: 'stopped', note: 'it was ended from outside' }) };
}

/** Looks for an operation. */
export async function findOperation(client: Client, id: string): Promise<Found | undefined> {
  if (!ID.test(id)) return undefined;
  try {
    const { raw, memo } = await client.workflow.getHandle(operationId(id)).describe();
    const shown = memo?.[OPERATION_MEMO] as OperationShown | undefined;
    return shown === undefined ? undefined : { shown, status: raw.workflowExecutionInfo?.status };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Reads an operation, and in which executions its outcomes are told. Throws `NotFound`. */
export async function readOperation(
  client: Client,
  id: string,
): Promise<{ readonly operation: Operation; readonly told: readonly string[] }> {
  const found = await findOperation(client, id);
  if (found === undefined) throw new NotFound('there is no operation of that id');
  return { operation: operationOf(found.shown, found), told: found.shown.told };
}

/** The operations that are going on. */
export async function openOperations(client: Client): Promise<readonly OperationShown[]> {
  const query = `WorkflowType = '${OPERATION_TYPE}' AND ExecutionStatus = 'Running'`;
  const { executions } = await listExecutions(client, query, MOST_OPEN, undefined);
  const shown = await Promise.all(executions.map((execution) => shownIn(client, execution)));
  return shown.filter((one) => one !== undefined);
}
