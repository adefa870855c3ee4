import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { deliveryPrefix, journeyId, parseDeliveryId } from '../../../workflows/contract.ts';
import { NotFound, Unavailable } from '../../errors.ts';
import { OperationsOfUser } from '../../bulk-operations/operations-of-user.ts';
import type { Run } from '../../bulk-operations/operations-of-user.ts';
import { parseMemoId, memoKinds, memoPrefix } from '../../operators/memo-store.ts';
import { allExecutions } from '../../search/list-executions.ts';
import { orMissing } from '../../temporal/grpc-codes.ts';
import { describeWorkflow } from '../../temporal/messages.ts';

/** The termination reason of a journey that is being erased. */
const ERASED = 'erased';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

/** Whether a user's journey is being erased or no longer exists. */
export async function isErased(client: Client, userId: string): Promise<boolean> {
  const described = await orMissing(() => describeWorkflow(client, journeyId(userId)));
  if (described?.status.name !== 'TERMINATED') return described === undefined;
  const { workflowId, runId } = described;
  // For an open execution, the server would wait for its end.
  const page = await orMissing(() =>
    client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    }),
  );
  const last = page?.history?.events?.at(-1);
  return page === undefined || last?.workflowExecutionTerminatedEventAttributes?.reason === ERASED;
}

/** The memos of operators, which are deleted with the user. */
const kinds = Object.values(memoKinds);

/** temporal.api.enums.v1.PendingActivityState: the activity waits for a worker or a retry, so no request is in flight. */
const ACTIVITY_SCHEDULED = 1;
const REQUEST_IN_FLIGHT =
  'the journey is cancelled, but a request to the provider is still in flight; nothing is erased before it ends; retry';

/** Timeout and interval of the verification. Temporal deletes asynchronously: docs/operating.md, "Erasures". */
const VERIFY_TIMEOUT_MS = 25_000;
const VERIFY_INTERVAL_MS = 250;

/** Visibility lists a record of an operator within this time: nothing is left if two listings so far apart were empty. */
const VISIBILITY_DELAY_MS = 2_000;

/** Interval for checking whether the journey is closed. */
const END_POLL_MS = 100;
/** After this time without a reaction to the cancellation, no worker is available. */
const WORKER_WAIT_MS = 3_000;

/**
 * Erases everything that Temporal stores about a user and verifies that it is gone.
 *
 * 1. Cancels an open journey, which closes after its provider requests in flight and sends nothing more. If no worker handles
 *    the cancellation and no request is in flight, terminates it.
 * 2. Deletes every execution, including all runs of a continue-as-new chain, bulk operations that contain the user, and the
 *    records of operators' acts and notes on the user.
 * 3. Reads visibility, the execution and its history until none of them finds anything for as long as visibility may lag, and again
 *    when the pages of users have ended that operations and what-ifs were listing meanwhile.
 */
export class UserEraser {
  readonly #client: Client;
  readonly #verifyTimeout: number;
  readonly #operations: OperationsOfUser;

  /** @param verifyTimeout how long to wait for the verification, in milliseconds */
  constructor(client: Client, verifyTimeout = VERIFY_TIMEOUT_MS) {
    this.#client = client;
    this.#verifyTimeout = verifyTimeout;
    this.#operations = new OperationsOfUser(client);
  }

  /** Throws `NotFound` if nothing is stored, and `Unavailable` if the erasure cannot be verified in time. Retrying is safe. */
  async erase(userId: string): Promise<void> {
    const deadline = Date.now() + this.#verifyTimeout;
    const deliveries = await this.#end(userId, deadline);
    const erased = new Map<string, Run>();
    let emptySince = Infinity;
    /** The pages of users that have been in flight since the executions were verified to be gone. */
    let pages: ReadonlySet<string> | undefined;
    for (;;) {
      // Compared before the listing, since what was written meanwhile may be missing in a listing that takes long.
      const isSettled = Date.now() - emptySince >= VISIBILITY_DELAY_MS;
      if (isSettled && (pages !== undefined || (await this.#verifyDeleted([...erased.values()])))) {
        pages = intersectionOf(await this.#operations.pagesInFlight(), pages);
      }
      // An earlier erasure may have answered 503 while a page was in flight, so a repetition waits for it as well.
      const inFlight = pages ?? (erased.size === 0 ? await this.#operations.pagesInFlight() : undefined);
      const left = [...(await this.#runsOf(userId, deliveries)), ...(await this.#operations.runsWith(userId))];
      if (left.length === 0 && erased.size === 0 && inFlight?.size === 0) throw new NotFound();
      // Executions started in the meantime, such as a webhook delivery, are found in the next iteration.
      for (const run of left) if (!erased.has(run.runId)) await this.#delete(run);
      for (const run of left) erased.set(run.runId, run);
      if (left.length === 0 && pages?.size === 0) return;
      emptySince = left.length === 0 ? Math.min(emptySince, Date.now()) : Infinity;
      if (left.length > 0) pages = undefined;
      if (Date.now() > deadline) throw new Unavailable('the erasure is not verified yet; retry');
      await pause(VERIFY_INTERVAL_MS);
    }
  }

  /**
   * Closes an open journey after its requests in flight.
   *
   * @returns the workflow ids of its last run's webhook deliveries, which visibility may not contain yet
   */
  async #end(userId: string, deadline: number): Promise<readonly string[]> {
    const handle = this.#client.workflow.getHandle(journeyId(userId));
    const cancelledAt = Date.now();
    for (let isCancelled = false; ; isCancelled = true) {
      const described = await orMissing(() => describeWorkflow(this.#client, journeyId(userId)));
      if (described === undefined) return [];
      if (described.status.name !== 'RUNNING') break;
      if (!isCancelled) await orMissing(() => handle.cancel());
      const isRequesting = (described.raw.pendingActivities ?? []).some(
        ({ state }) => Number(state) !== ACTIVITY_SCHEDULED,
      );
      if (isCancelled && !isRequesting && Date.now() - cancelledAt > WORKER_WAIT_MS) {
        await orMissing(() => handle.terminate(ERASED));
      }
      if (Date.now() > deadline) throw new Unavailable(REQUEST_IN_FLIGHT);
      await pause(END_POLL_MS);
    }
    const history = await orMissing(() => handle.fetchHistory());
    // The id of the activity that starts a delivery is the delivery's, in the clear: erasing needs no key.
    return (history?.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
      const id = scheduled?.activityId ?? '';
      return parseDeliveryId(id)?.userId === userId ? [id] : [];
    });
  }

  /** Lists runs by visibility, plus the newest runs, which visibility may not contain yet. */
  async #runsOf(userId: string, deliveries: readonly string[]): Promise<Run[]> {
    const workflowId = journeyId(userId);
    const runs = new Map<string, Run>();
    const prefixes = [deliveryPrefix(userId), ...kinds.map((kind) => memoPrefix(kind, userId))];
    const query = [
      `WorkflowId = '${workflowId}'`,
      ...prefixes.map((prefix) => `WorkflowId STARTS_WITH '${prefix}'`),
    ].join(' OR ');
    for await (const { execution } of allExecutions(this.#client, query)) {
      const { workflowId: id, runId } = { workflowId: execution?.workflowId ?? '', runId: execution?.runId ?? '' };
      // The prefix also matches longer user ids.
      const isOfUser =
        id === workflowId ||
        parseDeliveryId(id)?.userId === userId ||
        kinds.some((kind) => parseMemoId(kind, id)?.userId === userId);
      if (isOfUser) runs.set(runId, { workflowId: id, runId });
    }
    const listed = new Set([...runs.values()].map((run) => run.workflowId));
    for (const id of [workflowId, ...deliveries.filter((each) => !listed.has(each))]) {
      const runId = await this.#newest(id);
      if (runId !== undefined) runs.set(runId, { workflowId: id, runId });
    }
    return [...runs.values()];
  }

  async #newest(workflowId: string): Promise<string | undefined> {
    return orMissing(async () => (await describeWorkflow(this.#client, workflowId)).runId);
  }

  async #delete({ workflowId, runId }: Run): Promise<void> {
    const { namespace } = this.#client.options;
    const workflowExecution = { workflowId, runId };
    await orMissing(() => this.#client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution }));
  }

  async #verifyDeleted(runs: readonly Run[]): Promise<boolean> {
    for (const { workflowId, runId } of runs) {
      const handle = this.#client.workflow.getHandle(workflowId, runId);
      if ((await orMissing(() => describeWorkflow(this.#client, workflowId, runId))) !== undefined) return false;
      if ((await orMissing(() => handle.fetchHistory())) !== undefined) return false;
    }
    return true;
  }
}

const intersectionOf = (some: ReadonlySet<string>, others: ReadonlySet<string> = some): ReadonlySet<string> =>
  new Set([...some].filter((each) => others.has(each)));
