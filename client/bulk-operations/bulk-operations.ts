import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { DecisionRequest } from '../../workflows/bulk-operation/approval.ts';
import type { UserOutcome } from '../../workflows/bulk-operation/contract.ts';
import {
  BULK_OPERATION_TYPE,
  idOfOperation,
  operationId,
  STOP_SIGNAL,
} from '../../workflows/bulk-operation/contract.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import { checkReason } from '../errors.ts';
import { checkLimit, listExecutions } from '../search/list-executions.ts';
import { toBulkOperation, readOperation, readMemo } from './read-operation.ts';
import type { BulkOperation } from './read-operation.ts';
import { BulkOperationStarter } from './create.ts';
import type { BulkOperationRequest, BulkOperationStarterOptions, ResendRequest } from './create.ts';
import { decideOperation } from './decide.ts';
import { findOverlaps } from './overlaps.ts';
import type { Overlap } from './overlaps.ts';
import { listOutcomes } from './results.ts';
import type { OutcomePage } from './results.ts';
import { signalWorkflow, UNREADABLE } from '../temporal/messages.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { bulkOperationResults } from '../../workflows/bulk-operation/parse.ts';

const userOutcomes = {
  activity: 'sendBatch',
  parse: bulkOperationResults.sendBatch,
  itemsOf: (outcomes: readonly UserOutcome[]) => outcomes,
};

export interface OperationPage {
  readonly items: readonly BulkOperation[];
  /** The ids of operations of this page that cannot be read. */
  readonly unreadable: readonly string[];
  /** Cursor of the next page; `null` on the last page. */
  readonly next: string | null;
}

/** The decision of a second operator on an operation. */
export interface DecisionBody {
  /** The `digest` of the operation as the operator has seen it. */
  readonly digest: string;
  readonly reason: string;
}

/**
 * Starts, approves, reads and stops bulk operations. Reading needs no worker. Every method may throw `Unavailable`; methods for one
 * operation throw `NotFound`.
 */
export class BulkOperations {
  readonly #client: Client;
  readonly #starter: BulkOperationStarter;

  /** @param options.client a client created by `connect` */
  constructor({ client, ...options }: BulkOperationStarterOptions & { readonly client: Client }) {
    this.#client = client;
    this.#starter = new BulkOperationStarter(client, options);
  }

  /**
   * Starts a bulk operation: sends one command to every journey that matches a filter. The same request with the same
   * idempotency key returns the same operation.
   *
   * @throws BadRequest that names the invalid field; if the count differs from `expected`, with the actual count
   * @throws IdempotencyKeyReused
   */
  start(request: BulkOperationRequest, caller: Caller): Promise<{ readonly id: string }> {
    return translatingErrors(() => this.#starter.start(request, caller));
  }

  /**
   * Starts a bulk operation that resends the undelivered webhooks that match a filter. It needs no dry run: no journey changes.
   *
   * @throws BadRequest that names the invalid field; if the filter finds none
   * @throws IdempotencyKeyReused
   */
  resendWebhooks(request: ResendRequest, caller: Caller): Promise<{ readonly id: string }> {
    return translatingErrors(() => this.#starter.resendWebhooks(request, caller));
  }

  /**
   * Lists operations, the newest first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   */
  list(limit = 50, cursor?: string): Promise<OperationPage> {
    const query = `WorkflowType = '${BULK_OPERATION_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`;
    return translatingErrors(async () => {
      checkLimit(limit, 'operations');
      const { executions, next } = await listExecutions(this.#client, query, limit, cursor);
      const memos = await Promise.all(executions.map((execution) => readMemo(this.#client, execution)));
      return {
        items: executions.flatMap((execution, nth) => {
          const memo = memos[nth];
          return memo === undefined || memo === UNREADABLE ? [] : [toBulkOperation(memo, execution)];
        }),
        unreadable: executions.flatMap(({ execution }, nth) =>
          memos[nth] === UNREADABLE ? [idOfOperation(execution?.workflowId ?? '')] : [],
        ),
        next,
      };
    });
  }

  /** Returns an operation with the actual or expected results by user, in pages of up to 200, and what overlaps with a dry run. */
  get(
    id: string,
    page: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<BulkOperation & OutcomePage & { readonly overlaps: readonly Overlap[] }> {
    return translatingErrors(async () => {
      const { operation, runIds } = await readOperation(this.#client, id);
      const results = { workflowId: operationId(id), runIds, ...userOutcomes };
      const isPreview = operation.dryRun && operation.state === 'done';
      const [outcomes, overlaps] = await Promise.all([
        listOutcomes(this.#client, results, page),
        isPreview ? findOverlaps(this.#client, id, runIds) : [],
      ]);
      return { ...operation, ...outcomes, overlaps };
    });
  }

  /**
   * Approves or rejects an operation that waits for a second operator. Needs a worker.
   *
   * @throws OtherOperatorRequired for the operator who requested it
   * @throws NotAwaitingApproval
   * @throws BadRequest if it is not the operation of this digest
   */
  decide(
    decision: DecisionRequest['decision'],
    id: string,
    { digest, reason }: DecisionBody,
    { role, name, personId }: Caller,
  ): Promise<BulkOperation> {
    checkReason(reason);
    const by = { role, name };
    return translatingErrors(async () => {
      await readOperation(this.#client, id);
      await decideOperation(this.#client, id, {
        decision,
        digest,
        by,
        ...(personId !== undefined && { personId }),
        reason,
      });
      return (await readOperation(this.#client, id)).operation;
    });
  }

  /** Stops an operation after its commands in flight, within seconds; withdraws one that waits for an approval. An operation that has ended is left unchanged. */
  stop(id: string, { reason }: { readonly reason: string }, { role, name }: Caller): Promise<BulkOperation> {
    checkReason(reason);
    const act = { at: new Date().toISOString(), by: { role, name }, reason };
    return translatingErrors(async () => {
      await readOperation(this.#client, id);
      try {
        await signalWorkflow(this.#client.workflow.getHandle(operationId(id)), STOP_SIGNAL, act);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      return (await readOperation(this.#client, id)).operation;
    });
  }
}
