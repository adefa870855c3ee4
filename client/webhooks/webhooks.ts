import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import {
  deliveryId,
  DELIVER_NOW_SIGNAL,
  DELIVERY_MEMO,
  parseDeliveryId,
  WEBHOOK_DELIVERY_TYPE,
} from '../../workflows/contract.ts';
import { parseDeliverNow, parseInput, parseProgress } from '../../workflows/webhook-delivery/parse.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { open } from '../../workflows/engine/core/envelope.ts';
import type { EnvelopeType } from '../../workflows/engine/core/envelope.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { keyedUpdateId } from '../journeys/idempotent-update.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import {
  decodePayload,
  describeWorkflow,
  openOrUnreadable,
  readMemo,
  signalWorkflow,
  UNREADABLE,
} from '../temporal/messages.ts';
import { workflowContext } from '../temporal/serialization-context.ts';
import { BadRequest, NotFound, OnwardError, Unavailable } from '../errors.ts';
import { checkLimit, listExecutions } from '../search/list-executions.ts';
import { matchesUser, undeliveredQuery } from './undelivered.ts';
import type { UndeliveredFilter } from './undelivered.ts';
import { isNotFound } from '../temporal/grpc-codes.ts';
import { translatingErrors } from '../journeys/status-reader.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

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
const UNREADABLE_DELIVERY =
  'this delivery cannot be read; check ONWARD_ENCRYPTION_KEYS, or deploy the newer release that has written it';
const NO_SUCH_WEBHOOK = 'no webhook of that id: `GET /v1/webhooks` lists those that were not delivered';
/** temporal.api.enums.v1.WorkflowExecutionStatus: what runs is tried again. */
const isRunning = (status: number | null | undefined) => status === 1;

/** Returns the `webhook-id` of a delivery. It never changes and contains no full stop, as Standard Webhooks requires. */
export function webhookIdOf(workflowId: string): string {
  return `${PREFIX}${Buffer.from(workflowId).toString('base64url')}`;
}

/** The user and revision that a `webhook-id` names; `undefined` if it is none. */
export function readWebhookId(id: string): ReturnType<typeof parseDeliveryId> {
  const workflowId = Buffer.from(id.slice(PREFIX.length), 'base64url').toString();
  return webhookIdOf(workflowId) === id ? parseDeliveryId(workflowId) : undefined;
}

function workflowIdOf(id: string): string {
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

/** A page of status changes that were sent again. */
export interface ResentPage {
  /** The ids of the deliveries that were queued. */
  readonly resent: readonly string[];
  /** Those that were not, and why. */
  readonly failed: readonly { readonly id: string; readonly detail: string }[];
  /** Cursor of the next page; `null` on the last page. */
  readonly next: string | null;
}

const MAX_CONCURRENT_RESENDS = 10;

/** Status changes that the receiver has not accepted. */
export class Webhooks {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
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
   * Sends a change again, at once: one that waits, was given up, or was delivered.
   *
   * @param caller with an idempotency key, the same request is carried out once
   * @throws NotFound, BadRequest, Unavailable
   */
  async resend(id: string, caller: Caller): Promise<void> {
    const workflowId = workflowIdOf(id);
    const key = keyedUpdateId(caller) ?? null;
    try {
      await translatingErrors(() =>
        this.#resend(workflowId, key).catch((error: unknown) => {
          // Another caller has resent it meanwhile, and has deleted the run that was read.
          if (error instanceof WorkflowNotFoundError) return this.#resend(workflowId, key);
          throw error;
        }),
      );
    } catch (error) {
      throw error instanceof NotFound ? new NotFound(NO_SUCH_WEBHOOK) : error;
    }
  }

  /**
   * Sends a page of the undelivered changes that match a filter again, at once. Repeat it with `next` until it is `null`; with the
   * same idempotency key, each change is sent again once.
   */
  async resendAll(
    filter: UndeliveredFilter,
    { limit = 50, cursor }: { readonly limit?: number; readonly cursor?: string },
    caller: Caller,
  ): Promise<ResentPage> {
    if (filter.state === undefined && filter.userId === undefined) {
      throw new BadRequest(
        'filter',
        'filter must have a state or a user: an empty one would send every open delivery again',
      );
    }
    const { executions, next } = await translatingErrors(() => {
      checkLimit(limit, 'deliveries');
      return listExecutions(this.#client, undeliveredQuery(filter), limit, cursor);
    });
    const workflowIds = new Set(executions.map(({ execution }) => execution?.workflowId ?? ''));
    const ids = [...workflowIds].filter((workflowId) => matchesUser(workflowId, filter)).map(webhookIdOf);
    const failed: { id: string; detail: string }[] = [];
    for (let from = 0; from < ids.length; from += MAX_CONCURRENT_RESENDS) {
      const batch = ids.slice(from, from + MAX_CONCURRENT_RESENDS).map(async (id) => {
        try {
          await this.resend(id, caller);
        } catch (error) {
          if (!(error instanceof OnwardError)) throw error;
          failed.push({ id, detail: error.message });
        }
      });
      await Promise.all(batch);
    }
    const isFailed = new Set(failed.map(({ id }) => id));
    return { resent: ids.filter((id) => !isFailed.has(id)), failed, next };
  }

  async #resend(workflowId: string, key: string | null): Promise<void> {
    const { status, runId, type } = await describeWorkflow(this.#client, workflowId);
    const { events } = await this.#client.workflow.getHandle(workflowId, runId).fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const taskQueue = started?.taskQueue?.name;
    const payload = started?.input?.payloads?.[0];
    const delivery = await this.#open(workflowId, payload, `start:${WEBHOOK_DELIVERY_TYPE}`, parseInput);
    if (type !== WEBHOOK_DELIVERY_TYPE || taskQueue == null) throw new NotFound();
    if (delivery === UNREADABLE) throw new Unavailable(UNREADABLE_DELIVERY);
    const keys = [...(delivery.keys ?? []), ...(await this.#keysIn(workflowId, events))];
    if (key !== null && keys.includes(key)) return;
    if (isRunning(status.code) && (await this.#signalRun(workflowId, runId, key))) return;
    // If two callers resend at once, one starts the run and the other finds it: neither fails.
    await this.#client.workflow.signalWithStart(WEBHOOK_DELIVERY_TYPE, {
      workflowId,
      taskQueue,
      args: [
        createRequest('start', WEBHOOK_DELIVERY_TYPE, { ...delivery, keys: key === null ? keys : [...keys, key] }),
      ],
      signal: DELIVER_NOW_SIGNAL,
      signalArgs: [createRequest('signal', DELIVER_NOW_SIGNAL, { key })],
    });
    if (status.name === 'FAILED') await this.#deleteRun(workflowId, runId);
  }

  /** Deletes a run that has given up, since the new run has its delivery and its keys. So a list has each delivery once. */
  async #deleteRun(workflowId: string, runId: string): Promise<void> {
    const { namespace } = this.#client.options;
    const workflowExecution = { workflowId, runId };
    await this.#client.workflowService
      .deleteWorkflowExecution({ namespace, workflowExecution })
      .catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
  }

  /** Whether the run was still open. */
  async #signalRun(workflowId: string, runId: string, key: string | null): Promise<boolean> {
    try {
      await signalWorkflow(this.#client.workflow.getHandle(workflowId, runId), DELIVER_NOW_SIGNAL, { key });
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** The keys that a run has received by signals. */
  async #keysIn(workflowId: string, events: readonly HistoryEvent[] | null | undefined): Promise<string[]> {
    const payloads = (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: signal }) =>
      signal?.signalName === DELIVER_NOW_SIGNAL ? [signal.input?.payloads?.[0]] : [],
    );
    const type = `signal:${DELIVER_NOW_SIGNAL}` as const;
    const requests = await Promise.all(
      payloads.map((payload) => this.#open(workflowId, payload, type, parseDeliverNow)),
    );
    return requests.flatMap((request) => (request === UNREADABLE ? [] : (request.key ?? [])));
  }

  async #open<T>(
    workflowId: string,
    payload: Payload | undefined,
    type: EnvelopeType,
    parse: Parser<T>,
  ): Promise<T | typeof UNREADABLE> {
    const value = await decodePayload(this.#client, payload, workflowContext(this.#client, workflowId));
    return openOrUnreadable(() => parse(open(value, type).body, 'delivery'));
  }
}
