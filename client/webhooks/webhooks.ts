import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { deliveryId, DELIVERY_MEMO, parseDeliveryId, WEBHOOK_DELIVERY_TYPE } from '../../workflows/contract.ts';
import { parseProgress } from '../../workflows/webhook-delivery/parse.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { keyedUpdateId } from '../journeys/idempotent-update.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import { readMemo, UNREADABLE } from '../temporal/messages.ts';
import { BadRequest, NotFound } from '../errors.ts';
import { listExecutions } from '../search/list-executions.ts';
import { DeliveryResender } from './delivery-resender.ts';
import { undeliveredQuery } from './undelivered.ts';
import { translatingErrors } from '../journeys/status-reader.ts';

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
const UNREADABLE_PROGRESS =
  'the stored progress cannot be read with the encryption keys, or by the release, of this process';
const NO_SUCH_WEBHOOK = 'no webhook of that id: `GET /v1/webhooks` lists those that were not delivered';
/** temporal.api.enums.v1.WorkflowExecutionStatus. A running delivery is retried. */
const isRunning = (status: number | null | undefined) => status === 1;

/** Returns the `webhook-id` of a delivery. It never changes and contains no full stop, as Standard Webhooks requires. */
export function webhookIdOf(workflowId: string): string {
  return `${PREFIX}${Buffer.from(workflowId).toString('base64url')}`;
}

/** The user and revision that a `webhook-id` names; `undefined` if it is not one. */
export function readWebhookId(id: string): ReturnType<typeof parseDeliveryId> {
  const workflowId = Buffer.from(id.slice(PREFIX.length), 'base64url').toString();
  return webhookIdOf(workflowId) === id ? parseDeliveryId(workflowId) : undefined;
}

/** @throws BadRequest */
export function workflowIdOf(id: string): string {
  if (readWebhookId(id) !== undefined) return Buffer.from(id.slice(PREFIX.length), 'base64url').toString();
  throw new BadRequest('id', "id must be the 'webhook-id' of a status change");
}

export interface DeliveryOptions {
  readonly taskQueue: string;
  /** The delays between attempts, instead of the default ones. */
  readonly schedule?: readonly number[];
  /** Requests an eager start on a worker of the same process. The client must use a `NativeConnection`. */
  readonly eagerStart?: boolean;
}

/** Starts a delivery workflow for a status change. Does nothing if the change already has one. */
export async function startDelivery(
  client: Client,
  status: Status,
  { taskQueue, schedule, eagerStart = false }: DeliveryOptions,
): Promise<void> {
  const workflowId = deliveryId(status);
  const delivery = { id: webhookIdOf(workflowId), timestamp: status.updatedAt ?? status.startedAt, data: status };
  try {
    await client.workflow.start(WEBHOOK_DELIVERY_TYPE, {
      workflowId,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      taskQueue,
      requestEagerStart: eagerStart,
      args: [createRequest('start', WEBHOOK_DELIVERY_TYPE, { delivery, ...(schedule && { schedule }) })],
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Status changes that the receiver has not accepted. */
export class Webhooks {
  readonly #client: Client;
  readonly #resender: DeliveryResender;

  constructor(client: Client) {
    this.#client = client;
    this.#resender = new DeliveryResender(client);
  }

  /** Lists undelivered changes, the newest first, including those given up. Throws `BadRequest` and `Unavailable`. */
  list(limit = 50, cursor?: string): Promise<{ items: UndeliveredChange[]; next: string | null }> {
    return translatingErrors(async () => {
      const { executions, next } = await listExecutions(this.#client, undeliveredQuery(), limit, cursor);
      const items = await Promise.all(
        executions.map(async ({ execution, status, memo }) => {
          const workflowId = execution?.workflowId ?? '';
          const progress = await readMemo(
            this.#client,
            { workflowId, memo: memo?.fields },
            DELIVERY_MEMO,
            parseProgress,
          );
          const known = progress === UNREADABLE ? undefined : progress;
          return {
            id: webhookIdOf(workflowId),
            ...(parseDeliveryId(workflowId) ?? { userId: '', revision: 0 }),
            state: isRunning(status) ? ('retrying' as const) : ('givenUp' as const),
            attempts: known?.attempts ?? 0,
            lastAttemptAt: known?.lastAttemptAt ?? null,
            problem: progress === UNREADABLE ? UNREADABLE_PROGRESS : (known?.problem ?? null),
            nextAttemptAt: known?.nextAttemptAt ?? null,
          };
        }),
      );
      return { items, next };
    });
  }

  /**
   * Resends a change at once, whether it waits, was given up or was delivered.
   *
   * @param caller with an idempotency key, the same request is carried out once
   * @throws NotFound, BadRequest, Unavailable
   */
  async resend(id: string, caller: Caller): Promise<void> {
    const workflowId = workflowIdOf(id);
    const key = keyedUpdateId(caller) ?? null;
    try {
      await translatingErrors(() => this.#resender.resend(workflowId, key));
    } catch (error) {
      throw error instanceof NotFound ? new NotFound(NO_SUCH_WEBHOOK) : error;
    }
  }
}
