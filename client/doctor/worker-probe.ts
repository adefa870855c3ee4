import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { WORKER_PROBE_TYPE, workerProbeId } from '../../workflows/contract.ts';
import { createRequest, openEnd } from '../../workflows/engine/client.ts';
import type { EnvelopeProblem } from '../../workflows/engine/core/envelope.ts';
import type { WorkerProbeReport } from '../../workflows/worker-probe.ts';
import { objectOf, parseNumber, UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { parseRecordReply } from '../../workflows/journey/stored/parse-replies.ts';

const parseReport: Parser<WorkerProbeReport> = objectOf({
  clock: objectOf({ before: parseNumber, worker: parseNumber, after: parseNumber }),
  provider: parseRecordReply,
});

/** The result of a worker probe. */
export type ProbeOutcome =
  | { readonly type: 'reported'; readonly report: WorkerProbeReport }
  /** No worker took the probe, or one did and has not finished. */
  | { readonly type: 'unanswered'; readonly isTaken: boolean }
  /** One side cannot decrypt what the other has written. `words` is the worker's message. */
  | { readonly type: 'unreadable'; readonly to: 'worker' | 'us'; readonly words: string }
  | { readonly type: 'broken'; readonly words: string };

/** The server's time, and this machine's time before and after reading it; milliseconds since the epoch. */
export interface ServerClock {
  readonly before: number;
  readonly server: number;
  readonly after: number;
}

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  readonly clock: ServerClock;
}

const POLL_INTERVAL_MS = 100;
/** The server ends the probe even if this process dies. */
const PROBE_TIMEOUT_MS = '2 minutes';

/**
 * Runs a probe workflow on a worker and waits for its report.
 *
 * @param wait how long to wait, in milliseconds
 */
export async function runWorkerProbe(client: Client, taskQueue: string, wait: number): Promise<ProbeResult> {
  const before = Date.now();
  const handle = await client.workflow.start(WORKER_PROBE_TYPE, {
    workflowId: workerProbeId(randomUUID()),
    taskQueue,
    // A worker without this process's encryption key cannot decode it.
    args: [createRequest('start', WORKER_PROBE_TYPE, null)],
    workflowExecutionTimeout: PROBE_TIMEOUT_MS,
  });
  const after = Date.now();
  try {
    const { startTime } = await handle.describe();
    const outcome = await outcomeOf(client, handle, Date.now() + wait);
    return { outcome, clock: { before, server: startTime.getTime(), after } };
  } finally {
    await deleteProbe(client, handle);
  }
}

/** Deletes the probe workflow. If this caller may not delete it, it ends by its timeout. */
async function deleteProbe({ workflowService, options }: Client, { workflowId }: WorkflowHandle): Promise<void> {
  const { namespace } = options;
  await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } }).catch(() => {});
}

async function outcomeOf(client: Client, handle: WorkflowHandle, deadline: number): Promise<ProbeOutcome> {
  for (;;) {
    const { status, historyLength, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return readReport(handle);
    // A task whose input a worker cannot decode is retried indefinitely.
    const failure = (raw.pendingWorkflowTask?.attempt ?? 0) > 1 ? await failureOf(handle) : undefined;
    if (failure !== undefined) return readFailure(client, failure);
    if (Date.now() > deadline) return { type: 'unanswered', isTaken: historyLength > 2 };
    await sleep(POLL_INTERVAL_MS);
  }
}

async function readReport(handle: WorkflowHandle): Promise<ProbeOutcome> {
  try {
    const { runId } = await handle.describe();
    const report = parseReport(openEnd(await handle.result(), WORKER_PROBE_TYPE, runId), 'report');
    return { type: 'reported', report };
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    if (error instanceof WorkflowFailedError) return readRefusal(error.cause?.message ?? words);
    if (error instanceof UnreadableValue) return { type: 'broken', words };
    // What a worker says with another key under the same id cannot be read here, and it cannot read the start either.
    const isRefused = (await closeFailureOf(handle))?.applicationFailureInfo?.type === 'StartRefused';
    return { type: 'unreadable', to: isRefused ? 'worker' : 'us', words };
  }
}

/** The workflow itself has failed: it could not read its start, or it is broken. */
function readRefusal(words: string): ProbeOutcome {
  return words.includes('notAuthentic' satisfies EnvelopeProblem)
    ? { type: 'unreadable', to: 'worker', words }
    : { type: 'broken', words };
}

type Failure = temporal.api.failure.v1.IFailure;

async function closeFailureOf(handle: WorkflowHandle): Promise<Failure | undefined> {
  const { events } = await handle.fetchHistory();
  return events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure ?? undefined;
}

async function failureOf(handle: WorkflowHandle): Promise<Failure | undefined> {
  const { events } = await handle.fetchHistory();
  return (
    events?.findLast((event) => event.workflowTaskFailedEventAttributes != null)?.workflowTaskFailedEventAttributes
      ?.failure ?? undefined
  );
}

/** A worker encrypts its failure with its newest key. If this process cannot decrypt it, their keys differ. */
async function readFailure(client: Client, { encodedAttributes, message }: Failure): Promise<ProbeOutcome> {
  const words = encodedAttributes == null ? (message ?? '') : await decoded(client, encodedAttributes);
  if (words === undefined)
    return { type: 'unreadable', to: 'worker', words: 'its error message cannot be decrypted here either' };
  return UNREAD.test(words) ? { type: 'unreadable', to: 'worker', words } : { type: 'broken', words };
}

/** The codec's error for an unknown key id, and Node's error for a different key with the same id. */
const UNREAD = /no encryption key|unable to authenticate data/;

async function decoded({ options }: Client, payload: Payload): Promise<string | undefined> {
  const [codec] = options.loadedDataConverter.payloadCodecs;
  try {
    const [read] = (await codec?.decode([payload])) ?? [];
    return read && defaultPayloadConverter.fromPayload<{ message: string }>(read).message;
  } catch {
    return undefined;
  }
}
