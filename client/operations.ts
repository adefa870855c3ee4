import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { OPERATION_TYPE, operationId, stopSignal } from '../workflows/operation/contract.ts';
import type { Caller } from './ask.ts';
import { checkReason } from './errors.ts';
import { checkLimit, listExecutions } from './executions.ts';
import { operationOf, readOperation, shownIn } from './operation.ts';
import type { Operation } from './operation.ts';
import { Ordering } from './ordering.ts';
import type { OperationRequest, OrderingOptions } from './ordering.ts';
import { outcomePage } from './outcomes.ts';
import type { OutcomePage } from './outcomes.ts';
import { reach } from './reading.ts';

export interface OperationPage {
  readonly items: readonly Operation[];
  /** Where the next page begins; `null` on the last. */
  readonly next: string | null;
}

/**
 * Orders, shows and stops bulk operations. No worker is needed to read them. Every method may throw `Unavailable`; those of
 * one operation throw `NotFound`.
 */
export class Operations {
  readonly #client: Client;
  readonly #ordering: Ordering;

  /** @param options.client made by `connect` */
  constructor({ client, ...options }: OrderingOptions & { readonly client: Client }) {
    this.#client = client;
    this.#ordering = new Ordering(client, options);
  }

  /**
   * Has all journeys that a filter means told one command. The same request under the same idempotency key is the same
   * operation.
   *
   * @throws BadRequest naming the field; for another count than `expected`, with the real one
   * @throws KeyReused
   */
  start(request: OperationRequest, caller: Caller): Promise<{ readonly id: string }> {
    return reach(() => this.#ordering.order(request, caller));
  }

  /**
   * Lists operations, the newest first.
   *
   * @param limit 1 to 200
   * @param cursor the `next` of the page before
   */
  list(limit = 50, cursor?: string): Promise<OperationPage> {
    const query = `WorkflowType = '${OPERATION_TYPE}' AND ExecutionStatus != 'ContinuedAsNew'`;
    return reach(async () => {
      checkLimit(limit, 'operations');
      const { executions, next } = await listExecutions(this.#client, query, limit, cursor);
      const items = await Promise.all(
        executions.map(async (execution) => {
          const shown = await shownIn(this.#client, execution);
          return shown === undefined ? [] : [operationOf(shown, execution)];
        }),
      );
      return { items: items.flat(), next };
    });
  }

  /** An operation, and what came of it by user, or would, in pages of up to 200. */
  get(id: string, page: { readonly limit?: number; readonly cursor?: string } = {}): Promise<Operation & OutcomePage> {
    return reach(async () => {
      const { operation, told } = await readOperation(this.#client, id);
      return { ...operation, ...(await outcomePage(this.#client, operationId(id), told, page)) };
    });
  }

  /** Has an operation stop after what is in flight, within seconds; one that has ended stays as it is. */
  stop(id: string, { reason }: { readonly reason: string }, { role, name }: Caller): Promise<Operation> {
    checkReason(reason);
    const act = { at: new Date().toISOString(), by: { role, name }, reason };
    return reach(async () => {
      await readOperation(this.#client, id);
      try {
        await this.#client.workflow.getHandle(operationId(id)).signal(stopSignal, act);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      return (await readOperation(this.#client, id)).operation;
    });
  }
}
