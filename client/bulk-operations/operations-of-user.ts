import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import { BULK_OPERATION_TYPE } from '../../workflows/bulk-operation/contract.ts';
import type { JourneyFilter } from '../../workflows/search-attributes.ts';
import { RECONCILIATION_TYPE } from '../../workflows/reconciliation/contract.ts';
import { WHAT_IF_TYPE } from '../../workflows/what-if/contract.ts';
import { Unavailable } from '../errors.ts';
import { orMissing } from '../temporal/grpc-codes.ts';
import { describeWorkflow, UNREADABLE } from '../temporal/messages.ts';
import { allExecutions } from '../search/list-executions.ts';
import type { Execution } from '../search/list-executions.ts';
import { readWhatIfOrder } from '../what-ifs/read.ts';
import { stopWhatIf } from '../what-ifs/stop.ts';
import { readMemo } from './read-operation.ts';
import { readActivityResults } from './activity-results.ts';
import { bulkOperationResults } from '../../workflows/bulk-operation/parse.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { reconciliationResults } from '../../workflows/reconciliation/parse.ts';
import { whatIfActivityResults } from '../../workflows/what-if/parse.ts';

/** One execution of a workflow. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

/** Number of closed runs whose users are cached: a closed run lists no more users. */
const MAX_CACHED_RUNS = 1_000;
/** temporal.api.enums.v1.WorkflowExecutionStatus */
const STATUS_RUNNING: number = 1;
/** temporal.api.enums.v1.PendingActivityState */
const SCHEDULED = 1;
const isRunning = ({ status }: Execution) => Number(status) === STATUS_RUNNING;
const typesWithUsers = [BULK_OPERATION_TYPE, RECONCILIATION_TYPE, WHAT_IF_TYPE].map((type) => `'${type}'`).join(', ');
/** The activities that list users of journeys, a page at a time. */
const pageActivities: ReadonlySet<string> = new Set(['listUsers', 'compareJourneys']);
const isWhatIf = ({ type }: Execution) => type?.name === WHAT_IF_TYPE;

/** Finds the bulk operations, reconciliations and what-ifs that contain a user: in their filter, or in the users that they listed. */
export class OperationsOfUser {
  readonly #client: Client;
  readonly #users = new LRUCache<string, ReadonlySet<string>>({ max: MAX_CACHED_RUNS });

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Lists all runs of the operations that contain a user. Stops what-ifs, which change nothing. Needs no worker.
   *
   * @throws Unavailable while another one of them is running
   */
  async runsWith(userId: string): Promise<Run[]> {
    const byOperation = new Map<string, Execution[]>();
    for await (const execution of allExecutions(this.#client, `WorkflowType IN (${typesWithUsers})`)) {
      const workflowId = execution.execution?.workflowId ?? '';
      byOperation.set(workflowId, [...(byOperation.get(workflowId) ?? []), execution]);
    }
    const runs: Run[] = [];
    for (const [workflowId, executions] of byOperation) {
      const contains = await Promise.all(executions.map((execution) => this.#contains(execution, userId)));
      if (!contains.includes(true)) continue;
      if (executions.some(isRunning)) await this.#endRunning(workflowId, executions);
      runs.push(...executions.map(({ execution }) => ({ workflowId, runId: execution?.runId ?? '' })));
    }
    return runs;
  }

  /**
   * Returns the pages of users that operations and what-ifs are listing now. A page that was begun before an erasure may still name its
   * user, and the page cannot be read before it ends.
   */
  async pagesInFlight(): Promise<ReadonlySet<string>> {
    const pages = new Set<string>();
    const query = `WorkflowType IN (${typesWithUsers}) AND ExecutionStatus = 'Running'`;
    for await (const { execution } of allExecutions(this.#client, query)) {
      const described = await orMissing(() => describeWorkflow(this.#client, execution?.workflowId ?? ''));
      for (const { activityType, activityId, attempt, state } of described?.raw.pendingActivities ?? []) {
        // An activity that waits for a worker has not begun.
        const hasBegun = pageActivities.has(activityType?.name ?? '') && Number(state) !== SCHEDULED;
        if (hasBegun) pages.add(`${described?.runId} ${activityId} ${attempt}`);
      }
    }
    return pages;
  }

  async #endRunning(workflowId: string, executions: readonly Execution[]): Promise<void> {
    if (executions.every(isWhatIf)) return stopWhatIf(this.#client, workflowId);
    throw new Unavailable(
      `the operation ${workflowId} contains this user and is still running: stop it, or retry when it has ended`,
    );
  }

  async #contains(execution: Execution, userId: string): Promise<boolean> {
    const runId = execution.execution?.runId ?? '';
    const users = this.#users.get(runId) ?? (await this.#read(execution));
    if (!isRunning(execution)) this.#users.set(runId, users);
    return users.has(userId);
  }

  /** Reads the users of an execution. One whose encryption key is retired is unreadable for every process and counts as empty. */
  async #read(execution: Execution): Promise<ReadonlySet<string>> {
    const [filtered, listed] = await Promise.all([
      this.#filteredUsers(execution).catch(ifUnreadable<readonly string[]>([])),
      this.#listedUsers(execution).catch(ifUnreadable<string[]>([])),
    ]);
    return new Set([...filtered, ...listed]);
  }

  /** Returns the users in the filter of an execution. */
  async #filteredUsers(execution: Execution): Promise<readonly string[]> {
    const type = execution.type?.name;
    if (type === RECONCILIATION_TYPE) return [];
    if (type === WHAT_IF_TYPE) return namedIn((await readWhatIfOrder(this.#client, execution))?.filter);
    const memo = await readMemo(this.#client, execution);
    return memo === UNREADABLE ? [] : [...namedIn(memo.order.filter), ...namedIn(memo.order.webhooks)];
  }

  async #listedUsers({ type, execution }: Execution): Promise<string[]> {
    const resultsOf = <Page>(activity: string, parse: Parser<Page>) =>
      readActivityResults(this.#client, execution?.workflowId ?? '', execution?.runId ?? '', activity, parse);
    const { findDifferences } = reconciliationResults;
    const { compareJourneys } = whatIfActivityResults;
    const { listUsers } = bulkOperationResults;
    if (type?.name === RECONCILIATION_TYPE)
      return (await resultsOf('findDifferences', findDifferences)).flatMap(usersOf);
    if (type?.name === WHAT_IF_TYPE) return (await resultsOf('compareJourneys', compareJourneys)).flatMap(usersOf);
    return (await resultsOf('listUsers', listUsers)).flatMap(({ users }) => users);
  }
}

/** The users that a filter names. */
const namedIn = ({ userId, userIds = [] }: Pick<JourneyFilter, 'userId' | 'userIds'> = {}): readonly string[] =>
  userId === undefined ? userIds : [userId, ...userIds];

const usersOf = ({ items }: { readonly items: readonly { readonly userId: string }[] }) =>
  items.map(({ userId }) => userId);

/** Returns a default for an execution that cannot be decoded. Other errors, such as an outage, are rethrown. */
function ifUnreadable<T>(fallback: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ServiceError || isGrpcServiceError(error)) throw error;
    return fallback;
  };
}
