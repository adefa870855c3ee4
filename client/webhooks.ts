import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { changeId, deliverNow, DELIVERY_MEMO, readChangeId, STATUS_TYPE } from '../workflows/contract.ts';
import type { Undelivered } from '../workflows/contract.ts';
import type { statusChange, Telling } from '../workflows/status-change.ts';
import type { Status } from '../workflows/status.ts';
import { ofWorkflow } from './belonging.ts';
import { BadRequest, NotFound } from './errors.ts';
import { listExecutions } from './executions.ts';
import { reach } from './reading.ts';

/** A change of status that was not delivered yet. */
export interface UndeliveredChange {
  readonly id: string;
  readonly userId: string;
  readonly revision: number;
  readonly state: 'retrying' | 'givenUp';
  readonly attempts: number;
  readonly lastAttemptAt: string | null;
  readonly problem: string | null;
  readonly nextAttemptAt: string | null;
}

const PREFIX = 'msg_';
/** temporal.api.enums.v1.WorkflowExecutionStatus: what runs is tried again. */
const isRunning = (status: number | null | undefined) => status === 1;

/** The `webhook-id` of a change: it stays the same for ever, and holds no full stop, as Standard Webhooks wants it. */
export function webhookIdOf(workflowId: string): string {
  return `${PREFIX}${Buffer.from(workflowId).toString('base64url')}`;
}

function workflowIdOf(id: string): string {
  const workflowId = Buffer.from(id.slice(PREFIX.length), 'base64url').toString();
  if (!id.startsWith(PREFIX) || readChangeId(workflowId) === undefined || webhookIdOf(workflowId) !== id) {
    throw new BadRequest('id', "an id is the 'webhook-id' of a change of status");
  }
  return workflowId;
}

export interface TellingOptions {
  readonly taskQueue: string;
  /** The waits between attempts, where others than usual are wanted. */
  readonly schedule?: readonly number[];
  /** Hands the first task to a worker on the client's own connection, which is a `NativeConnection` then. */
  readonly eagerly?: boolean;
}

/** Has a change told by a workflow of its own; one that is told already is left alone. */
export async function startTelling(
  client: Client,
  status: Status,
  { taskQueue, schedule, eagerly = false }: TellingOptions,
): Promise<void> {
  const workflowId = changeId(status);
  const delivery = { id: webhookIdOf(workflowId), timestamp: status.updatedAt ?? status.startedAt, data: status };
  try {
    await client.workflow.start<typeof statusChange>(STATUS_TYPE, {
      workflowId,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      taskQueue,
      requestEagerStart: eagerly,
      args: [{ delivery, ...(schedule && { schedule }) }],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** The changes of status that the product's receiver has not taken. */
export class Webhooks {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Those not delivered yet, the newest first; the given up ones too. Throws `BadRequest` and `Unavailable`. */
  list(limit = 50, cursor?: string): Promise<{ items: UndeliveredChange[]; next: string | null }> {
    const query = `WorkflowType = '${STATUS_TYPE}' AND ExecutionStatus IN ('Running', 'Failed')`;
    return reach(async () => {
      const { executions, next } = await listExecutions(this.#client, query, limit, cursor);
      const items = await Promise.all(
        executions.map(async ({ execution, status, memo }) => {
          const workflowId = execution?.workflowId ?? '';
          const payload = memo?.fields?.[DELIVERY_MEMO];
          const known = payload == null ? undefined : await this.#read<Undelivered>(workflowId, payload);
          return {
            id: webhookIdOf(workflowId),
            ...(readChangeId(workflowId) ?? { userId: '', revision: 0 }),
            state: isRunning(status) ? ('retrying' as const) : ('givenUp' as const),
            attempts: known?.attempts ?? 0,
            lastAttemptAt: known?.lastAttemptAt ?? null,
            problem: known?.problem ?? null,
            nextAttemptAt: known?.nextAttemptAt ?? null,
          };
        }),
      );
      return { items, next };
    });
  }

  /** Sends a change again, at once: one that waits, was given up, or was delivered. Throws `NotFound` and `BadRequest`. */
  async resend(id: string): Promise<void> {
    const workflowId = workflowIdOf(id);
    const handle = this.#client.workflow.getHandle(workflowId);
    const { status } = await reach(() => handle.describe());
    if (isRunning(status.code)) return reach(() => handle.signal(deliverNow));
    const { events } = await reach(() => handle.fetchHistory());
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const payload = started?.input?.payloads?.[0];
    const taskQueue = started?.taskQueue?.name;
    if (payload == null || taskQueue == null) throw new NotFound();
    const args: [Telling] = [await this.#read<Telling>(workflowId, payload)];
    await reach(() => this.#client.workflow.start<typeof statusChange>(STATUS_TYPE, { workflowId, taskQueue, args }));
  }

  async #read<T>(workflowId: string, payload: Payload): Promise<T> {
    const { loadedDataConverter } = this.#client.options;
    const [read] = await decodeArrayFromPayloads(loadedDataConverter, [payload], ofWorkflow(this.#client, workflowId));
    return read as T;
  }
}
