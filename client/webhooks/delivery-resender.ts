import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { encodeWorkflowIdReusePolicy, WorkflowNotFoundError } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { DELIVER_NOW_SIGNAL, DELIVERY_MEMO, WEBHOOK_DELIVERY_TYPE } from '../../workflows/contract.ts';
import type { WebhookDeliveryInput } from '../../workflows/contract.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { open } from '../../workflows/engine/core/envelope.ts';
import type { EnvelopeType } from '../../workflows/engine/core/envelope.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { parseDeliverNow, parseInput, parseProgress } from '../../workflows/webhook-delivery/parse.ts';
import { NotFound, Unavailable } from '../errors.ts';
import { digest } from '../journeys/idempotent-update.ts';
import { allExecutions } from '../search/list-executions.ts';
import { millisecondsOf } from '../temporal/event-time.ts';
import { codeOf, grpc, isNotFound } from '../temporal/grpc-codes.ts';
import {
  decodePayload,
  describeWorkflow,
  encodePayload,
  memoOf,
  openOrUnreadable,
  readMemo,
  signalWorkflow,
  UNREADABLE,
} from '../temporal/messages.ts';
import { workflowContext } from '../temporal/serialization-context.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The newest run of a delivery. */
interface FoundDelivery {
  readonly workflowId: string;
  readonly run: WorkflowExecutionDescription;
  readonly taskQueue: string;
  readonly delivery: WebhookDeliveryInput;
  /** When it was requested under each key, in milliseconds since 1970 by the clock of the server. */
  readonly requestedAt: ReadonlyMap<string, number>;
}

/**
 * The outcome of resending an undelivered webhook.
 *
 * - `deliveredBefore`: the receiver had accepted it before it was resent, or it is deleted
 * - `unanswered`: no attempt has ended in time
 */
export type ResendResult =
  | { readonly type: 'delivered' | 'deliveredBefore' | 'unanswered' }
  | { readonly type: 'undelivered'; readonly problem: string };

const UNREADABLE_DELIVERY =
  'this delivery cannot be read; check ONWARD_ENCRYPTION_KEYS, or deploy the newer release that has written it';

/** Longer than an attempt may take, which is 20 seconds. */
const WAIT_MS = 25_000;
const FIRST_POLL_MS = 100;
const MAX_POLL_MS = 2_000;

/** Resends status changes. With the same key, each is resent once. */
export class DeliveryResender {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Resends a change at once, whether it waits, was given up or was delivered. Does not wait for the result.
   *
   * @throws NotFound Unavailable
   */
  async resend(workflowId: string, key: string | null): Promise<void> {
    const found = await this.#readUnlessDeleted(workflowId);
    if (found === undefined) throw new NotFound();
    if (key !== null && found.requestedAt.has(key)) return this.#deleteFailedRuns(found);
    if (found.run.status.name === 'RUNNING' && (await this.#signalRun(found, key))) return;
    if (!(await this.#startRun(found, key))) await this.resend(workflowId, key);
  }

  /**
   * Resends an undelivered change at once, and waits for the result. A change that was delivered meanwhile is not resent.
   *
   * @throws Unavailable
   */
  async resendUndelivered(workflowId: string, key: string): Promise<ResendResult> {
    const deadline = Date.now() + WAIT_MS;
    for (let wait = FIRST_POLL_MS; Date.now() < deadline; wait = Math.min(2 * wait, MAX_POLL_MS)) {
      const found = await this.#readUnlessDeleted(workflowId);
      if (found === undefined) return { type: 'deliveredBefore' };
      const result = await this.#resendOrReadResult(found, key);
      if (result !== undefined) return result;
      await sleep(wait, undefined, { ref: false });
    }
    return { type: 'unanswered' };
  }

  async #resendOrReadResult(found: FoundDelivery, key: string): Promise<ResendResult | undefined> {
    const requestedAt = found.requestedAt.get(key);
    if (requestedAt !== undefined) return this.#readResult(found, requestedAt);
    const { name } = found.run.status;
    if (name === 'RUNNING') await this.#signalRun(found, key);
    else if (name === 'FAILED') await this.#startRun(found, key);
    else return { type: 'deliveredBefore' };
    return undefined;
  }

  /** Returns the result of the first attempt that has begun after the request; `undefined` while there is none. */
  async #readResult(found: FoundDelivery, requestedAt: number): Promise<ResendResult | undefined> {
    const { name } = found.run.status;
    if (name === 'COMPLETED') {
      await this.#deleteFailedRuns(found);
      return { type: 'delivered' };
    }
    const progress = await readMemo(this.#client, memoOf(found.run), DELIVERY_MEMO, parseProgress);
    if (progress === UNREADABLE) throw new Unavailable(UNREADABLE_DELIVERY, { lasting: true });
    const isPending = (found.run.raw.pendingActivities ?? []).length > 0;
    // An attempt that was in flight at the request may fail: another one begins at once, and its activity is pending.
    if (progress === undefined || isPending || Date.parse(progress.lastAttemptAt) <= requestedAt) return undefined;
    return { type: 'undelivered', problem: progress.problem };
  }

  /** Another caller may resend the delivery and delete the run that is read; `undefined` if there is no run at all. */
  async #readUnlessDeleted(workflowId: string): Promise<FoundDelivery | undefined> {
    const orUndefined = (error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    };
    return (await this.#read(workflowId).catch(orUndefined)) ?? (await this.#read(workflowId).catch(orUndefined));
  }

  async #read(workflowId: string): Promise<FoundDelivery> {
    const run = await describeWorkflow(this.#client, workflowId);
    const { events } = await this.#client.workflow.getHandle(workflowId, run.runId).fetchHistory();
    const started = events?.[0]?.workflowExecutionStartedEventAttributes;
    const taskQueue = started?.taskQueue?.name;
    const payload = started?.input?.payloads?.[0];
    const delivery = await this.#open(workflowId, payload, `start:${WEBHOOK_DELIVERY_TYPE}`, parseInput);
    if (run.type !== WEBHOOK_DELIVERY_TYPE || taskQueue == null) throw new NotFound();
    if (delivery === UNREADABLE) throw new Unavailable(UNREADABLE_DELIVERY, { lasting: true });
    const atStart = (delivery.keys ?? []).map((key) => [key, millisecondsOf(events?.[0]?.eventTime)] as const);
    const bySignal = await this.#signalsIn(workflowId, events);
    return { workflowId, run, taskQueue, delivery, requestedAt: new Map([...bySignal, ...atStart]) };
  }

  /**
   * Starts another run, which attempts the delivery at once. The server starts one run for a request id, even if that run has ended: of
   * concurrent requests with the same key, the others find the run of the first.
   *
   * @returns `false` if another caller has started a run meanwhile
   */
  async #startRun(found: FoundDelivery, key: string | null): Promise<boolean> {
    const { workflowId, run, taskQueue, delivery, requestedAt } = found;
    const isFailed = run.status.name === 'FAILED';
    const keys = [...requestedAt.keys(), ...(key === null ? [] : [key])];
    const reusePolicy = isFailed ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'ALLOW_DUPLICATE';
    const input = createRequest('start', WEBHOOK_DELIVERY_TYPE, { ...delivery, keys });
    const { namespace, identity } = this.#client.options;
    try {
      await this.#client.workflowService.startWorkflowExecution({
        namespace,
        identity,
        requestId: key === null ? randomUUID() : digest([workflowId, key]),
        workflowId,
        workflowIdReusePolicy: encodeWorkflowIdReusePolicy(reusePolicy) ?? null,
        workflowType: { name: WEBHOOK_DELIVERY_TYPE },
        taskQueue: { name: taskQueue },
        input: { payloads: [await encodePayload(this.#client, input, workflowContext(this.#client, workflowId))] },
      });
    } catch (error) {
      if (codeOf(error) === grpc.ALREADY_EXISTS) return false;
      throw error;
    }
    if (isFailed) await this.#deleteRun(workflowId, run.runId);
    return true;
  }

  /** Deletes runs that were given up before a newer one. A process that dies between its start and their deletion leaves them. */
  async #deleteFailedRuns({ workflowId, run }: FoundDelivery): Promise<void> {
    const query = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Failed'`;
    for await (const { execution } of allExecutions(this.#client, query)) {
      const runId = execution?.runId ?? '';
      if (runId !== run.runId) await this.#deleteRun(workflowId, runId);
    }
  }

  /** Deletes a run that was given up, since the new run has its delivery and its keys. So a list has each delivery once. */
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
  async #signalRun({ workflowId, run }: FoundDelivery, key: string | null): Promise<boolean> {
    try {
      await signalWorkflow(this.#client.workflow.getHandle(workflowId, run.runId), DELIVER_NOW_SIGNAL, { key });
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** The keys that a run has received by signals, with the times. */
  async #signalsIn(
    workflowId: string,
    events: readonly HistoryEvent[] | null | undefined,
  ): Promise<(readonly [string, number])[]> {
    const type = `signal:${DELIVER_NOW_SIGNAL}` as const;
    const requests = (events ?? []).map(async ({ eventTime, workflowExecutionSignaledEventAttributes: signal }) => {
      if (signal?.signalName !== DELIVER_NOW_SIGNAL) return [];
      const request = await this.#open(workflowId, signal.input?.payloads?.[0], type, parseDeliverNow);
      return request === UNREADABLE || request.key === null ? [] : [[request.key, millisecondsOf(eventTime)] as const];
    });
    return (await Promise.all(requests)).flat();
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
