import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError } from '@temporalio/common';
import { DECIDE_UPDATE } from '../../workflows/bulk-operation/approval.ts';
import type { DecisionFailureType, DecisionRequest } from '../../workflows/bulk-operation/approval.ts';
import { operationId } from '../../workflows/bulk-operation/contract.ts';
import { createCommand, openRefusal, openReply } from '../../workflows/engine/client.ts';
import { BadRequest, NotAwaitingApproval, OtherOperatorRequired, Unavailable } from '../errors.ts';

/** How long to wait for a worker: longer than the 10 s for which Temporal may keep a task for a worker that has just ended. */
const WAIT_MS = 15_000;

/**
 * Approves or rejects an operation that waits for it. Needs a worker.
 *
 * @throws OtherOperatorRequired NotAwaitingApproval BadRequest Unavailable
 */
export async function decideOperation(client: Client, id: string, request: DecisionRequest): Promise<void> {
  const handle = client.workflow.getHandle(operationId(id));
  const command = createCommand(DECIDE_UPDATE, request);
  try {
    const send = () =>
      handle.executeUpdate<unknown, [unknown]>(DECIDE_UPDATE, { args: [command], updateId: command.id });
    openReply(await client.withDeadline(Date.now() + WAIT_MS, send), DECIDE_UPDATE, command);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new NotAwaitingApproval('the operation does not wait for an approval: it has ended');
    }
    throw refusalOf(error) ?? error;
  }
}

/** Returns why the operation refused the decision; `undefined` if it did not. */
function refusalOf(error: unknown): Error | undefined {
  if (!(error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)) return undefined;
  const refusal = openRefusal(error.cause.details, DECIDE_UPDATE);
  if (refusal === undefined) return undefined;
  const { message } = refusal;
  switch (refusal.type as DecisionFailureType | 'RequestRefused') {
    case 'NotAwaiting':
      return new NotAwaitingApproval(message);
    case 'SamePerson':
      return new OtherOperatorRequired(message);
    case 'OtherOrder':
      return new BadRequest('digest', message);
    case 'BadRequest':
      return new BadRequest('reason', message);
    case 'RequestRefused':
      return new Unavailable(`the operation refused the request as not authentic or not current (${message})`);
  }
}
