import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { reconciliationId, STOP_SIGNAL } from '../../workflows/reconciliation/contract.ts';
import type {
  ReconciledUser,
  ReconciliationSettings,
  ReconciliationSizes,
} from '../../workflows/reconciliation/contract.ts';
import { idFor } from '../bulk-operations/create.ts';
import { listOutcomes } from '../bulk-operations/results.ts';
import type { OutcomePage } from '../bulk-operations/results.ts';
import { defaultReconciliation } from '../config/policy-file.ts';
import { checkReason, IdempotencyKeyReused } from '../errors.ts';
import { digest } from '../journeys/idempotent-update.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { checkLimit } from '../search/list-executions.ts';
import { signalWorkflow } from '../temporal/messages.ts';
import { defaultSizes, startReconciliation } from './create.ts';
import { findReconciliation, listReconciliations, readReconciliation } from './read.ts';
import type { Reconciliation } from './read.ts';
import { reconciliationResults } from '../../workflows/reconciliation/parse.ts';

const reconciledUsers = {
  activity: 'reconcileBatch',
  parse: reconciliationResults.reconcileBatch,
  itemsOf: (users: readonly ReconciledUser[]) => users,
};

export interface ReconciliationRequest {
  /** Changes nothing and reports what would be done. */
  readonly dryRun?: boolean;
  readonly reason: string;
}

export interface ReconciliationPage {
  readonly items: readonly Reconciliation[];
  /** Cursor of the next page; `null` on the last page. */
  readonly next: string | null;
}

export interface ReconciliationOptions {
  readonly client: Client;
  /** The task queue of the journeys. */
  readonly taskQueue?: string;
  readonly reconcile?: ReconciliationSettings;
  readonly sizes?: ReconciliationSizes;
}

const MAX_RECENT = 50;

/**
 * Starts, reads and stops reconciliations. Reading needs no worker. Every method may throw `Unavailable`; methods for one
 * reconciliation throw `NotFound`.
 */
export class Reconciliations {
  readonly #options: ReconciliationOptions;
  readonly #client: Client;

  constructor(options: ReconciliationOptions) {
    this.#options = options;
    this.#client = options.client;
  }

  /**
   * Compares the provider's list of users with the journeys. The same request with the same idempotency key returns the same
   * reconciliation. Throws `IdempotencyKeyReused`.
   */
  start({ dryRun = false, reason }: ReconciliationRequest, caller: Caller): Promise<{ readonly id: string }> {
    checkReason(reason);
    const { taskQueue = TASK_QUEUE, reconcile = defaultReconciliation, sizes = defaultSizes } = this.#options;
    const { graceFor, perSecond } = reconcile;
    const id = idFor(caller);
    const fingerprint = digest(['reconciliation', dryRun, reason]);
    const by = { role: caller.role, name: caller.name };
    const at = new Date().toISOString();
    const order = { id, dryRun, graceFor, perSecond, by, reason, at, fingerprint, sizes };
    return translatingErrors(async () => {
      if (await startReconciliation(this.#client, taskQueue, order)) return { id };
      const before = await findReconciliation(this.#client, id);
      if (before !== undefined && before.memo.order.fingerprint !== fingerprint) throw new IdempotencyKeyReused();
      return { id };
    });
  }

  /**
   * Lists reconciliations, the newest first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   */
  list(limit = 50, cursor?: string): Promise<ReconciliationPage> {
    return translatingErrors(async () => {
      checkLimit(limit, 'reconciliations');
      return listReconciliations(this.#client, limit, cursor);
    });
  }

  /** Returns the newest reconciliation that was not a dry run; `null` if there is none. */
  async last(): Promise<Reconciliation | null> {
    const { items } = await this.list(MAX_RECENT);
    return items.find(({ dryRun }) => !dryRun) ?? null;
  }

  /** Returns a reconciliation with the actual or expected results by user, in pages of up to 200. */
  get(
    id: string,
    page: { readonly limit?: number; readonly cursor?: string } = {},
  ): Promise<Reconciliation & OutcomePage<ReconciledUser>> {
    return translatingErrors(async () => {
      const { reconciliation, runIds } = await readReconciliation(this.#client, id);
      const results = { workflowId: reconciliationId(id), runIds, ...reconciledUsers };
      return { ...reconciliation, ...(await listOutcomes(this.#client, results, page)) };
    });
  }

  /** Stops a reconciliation after its commands in flight, within seconds. One that has ended is left unchanged. */
  stop(id: string, { reason }: { readonly reason: string }, { role, name }: Caller): Promise<Reconciliation> {
    checkReason(reason);
    const act = { at: new Date().toISOString(), by: { role, name }, reason };
    return translatingErrors(async () => {
      await readReconciliation(this.#client, id);
      try {
        await signalWorkflow(this.#client.workflow.getHandle(reconciliationId(id)), STOP_SIGNAL, act);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
      return (await readReconciliation(this.#client, id)).reconciliation;
    });
  }
}
