import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { CHECKUP_TYPE, checkupId } from '../../workflows/contract.ts';
import type { checkup, CheckupReport } from '../../workflows/checkup.ts';

/** What came of having a worker look after itself. */
export type Outcome =
  | { readonly type: 'reported'; readonly report: CheckupReport }
  /** Nobody took it, or somebody did and has not come to an end. */
  | { readonly type: 'unanswered'; readonly taken: boolean }
  /** What one writes the other cannot read; `words` are the worker's own. */
  | { readonly type: 'unreadable'; readonly to: 'worker' | 'us'; readonly words: string }
  | { readonly type: 'broken'; readonly words: string };

/** Our clock around the server's, in milliseconds since 1970. */
export interface ServerClock {
  readonly before: number;
  readonly server: number;
  readonly after: number;
}

export interface Visit {
  readonly outcome: Outcome;
  readonly clock: ServerClock;
}

const POLL = 100;
/** Whatever becomes of us, the server ends it. */
const LONGEST_LIFE = '2 minutes';

/**
 * Has a worker look after itself, and waits for what it tells.
 *
 * @param wait for how long, in milliseconds
 */
export async function visit(client: Client, taskQueue: string, wait: number): Promise<Visit> {
  const before = Date.now();
  const handle = await client.workflow.start<typeof checkup>(CHECKUP_TYPE, {
    workflowId: checkupId(randomUUID()),
    taskQueue,
    // What a worker without our key cannot read.
    args: ['written by who asks'],
    workflowExecutionTimeout: LONGEST_LIFE,
  });
  const after = Date.now();
  try {
    const { startTime } = await handle.describe();
    const outcome = await outcomeOf(client, handle, Date.now() + wait);
    return { outcome, clock: { before, server: startTime.getTime(), after } };
  } finally {
    await forget(client, handle);
  }
}

/** Nobody looks for a checkup later. What may not be deleted ends by itself. */
async function forget({ workflowService, options }: Client, { workflowId }: WorkflowHandle): Promise<void> {
  const { namespace } = options;
  await workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } }).catch(() => {});
}

async function outcomeOf(client: Client, handle: WorkflowHandle<typeof checkup>, deadline: number): Promise<Outcome> {
  for (;;) {
    const { status, historyLength, raw } = await handle.describe();
    if (status.name !== 'RUNNING') return readReport(handle);
    // A task that a worker could not even begin is tried again and again.
    const failure = (raw.pendingWorkflowTask?.attempt ?? 0) > 1 ? await failureOf(handle) : undefined;
    if (failure !== undefined) return readFailure(client, failure);
    if (Date.now() > deadline) return { type: 'unanswered', taken: historyLength > 2 };
    await sleep(POLL);
  }
}

async function readReport(handle: WorkflowHandle<typeof checkup>): Promise<Outcome> {
  try {
    return { type: 'reported', report: await handle.result() };
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const words = error instanceof Error ? error.message : String(error);
    if (error instanceof WorkflowFailedError) return { type: 'broken', words: error.cause?.message ?? words };
    return { type: 'unreadable', to: 'us', words };
  }
}

type Failure = temporal.api.failure.v1.IFailure;

async function failureOf(handle: WorkflowHandle): Promise<Failure | undefined> {
  const { events } = await handle.fetchHistory();
  return (
    events?.findLast((event) => event.workflowTaskFailedEventAttributes != null)?.workflowTaskFailedEventAttributes
      ?.failure ?? undefined
  );
}

/** A worker's failure is encrypted by its own newest key: where that cannot be read, its keys are others than ours. */
async function readFailure(client: Client, { encodedAttributes, message }: Failure): Promise<Outcome> {
  const words = encodedAttributes == null ? (message ?? '') : await decoded(client, encodedAttributes);
  if (words === undefined)
    return { type: 'unreadable', to: 'worker', words: 'what it says cannot be read here either' };
  return UNREAD.test(words) ? { type: 'unreadable', to: 'worker', words } : { type: 'broken', words };
}

/** Ours where the key's id is unknown, and Node's where it names another key. */
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
