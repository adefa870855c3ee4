import { setTimeout as pause } from 'node:timers/promises';
import { QueryNotRegisteredError, QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import { EnvelopeError } from '../../workflows/engine/core/envelope.ts';
import { journeyId } from '../../workflows/contract.ts';
import type { JourneyResult, Queries } from '../../workflows/contract.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { parseLog } from '../../workflows/journey/stored/parse-log.ts';
import { timelineOf } from '../../workflows/journey/status/timeline.ts';
import type { TimelineItem } from '../../workflows/journey/status/timeline.ts';
import { isFinal } from '../../workflows/journey/status/status.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { CLOSED, translate } from './idempotent-update.ts';
import { describeJourney, parseStatus, parseTimeline, readResult, statusFromServer } from './closed-journey.ts';
import { queryWorkflow } from '../temporal/messages.ts';
import { NotFound, Unavailable } from '../errors.ts';
import { recordOf } from '../journey-log/record.ts';
import type { JourneyBeginning, JourneyRecord } from '../journey-log/record.ts';
import { readBeginning } from './beginning.ts';
import { replayTimeline } from '../journey-log/status-history.ts';
import type { StatusHistoryItem } from '../journey-log/status-history.ts';
import { SharedQuery } from './shared-query.ts';

/** How long to wait for a worker before building the status from what the server stores, in milliseconds. */
const QUERY_TIMEOUT_MS = 800;

/** Extra time for a caller that shares queries of others, in milliseconds. */
const GRACE_MS = 100;

/** How long to wait for a journey in a final state to close, in milliseconds. */
const RESULT_TIMEOUT_MS = 10_000;

/** Number of cached statuses, about 1 KB each, and the lifetime of those that are not final. */
const MAX_CACHED_STATUSES = 10_000;
const CACHE_TTL_MS = 60_000;

interface CachedStatus {
  readonly status: Status;
  readonly runId: string;
  readonly historyLength: number;
}

/** The status from the journey; `CLOSED` if the journey is closed, `undefined` if no worker answered in time. */
type WorkerAnswer = Status | typeof CLOSED | undefined;

/** Reads open and closed journeys. Every method may throw `NotFound` and `Unavailable`. */
export class StatusReader {
  readonly #client: Client;
  readonly #queryTimeout: number;
  readonly #cache = new LRUCache<string, CachedStatus>({ max: MAX_CACHED_STATUSES });
  /** Queries of any user's status, at most one in flight. An earlier reply proves nothing, because its worker may have died since. */
  readonly #liveness = new SharedQuery<boolean>();
  /** By user, while a status query is in flight. */
  readonly #questions = new Map<string, SharedQuery<WorkerAnswer>>();

  /** @param queryTimeout how long to wait for a worker, in milliseconds */
  constructor(client: Client, queryTimeout = QUERY_TIMEOUT_MS) {
    this.#client = client;
    this.#queryTimeout = queryTimeout;
  }

  /**
   * Returns the status from the journey. If no worker answers, returns what the server stores (`live: false`). The status of
   * a closed journey is complete and needs no worker.
   *
   * A status depends only on the history, so a status cached for the current history length is returned again. Unless it is
   * final, a worker must first confirm that it is running by answering any reader's query.
   */
  async status(userId: string): Promise<Status> {
    const cameAt = performance.now();
    const described = await this.describe(userId);
    const known = this.#knownOf(userId, described);
    if (known !== undefined && isFinal(known.state)) return known;
    const answered = await withTimeout(
      this.#queryTimeout + GRACE_MS,
      known === undefined
        ? this.#askStatus(userId, described, cameAt)
        : this.#confirmed(userId, described, known, cameAt),
    );
    if (answered !== CLOSED && answered !== undefined) return answered;
    const ended = answered === CLOSED ? (await this.result(userId))?.status : undefined;
    if (ended !== undefined) this.#remember(userId, described, ended);
    return ended ?? translatingErrors(() => statusFromServer(this.#client, described));
  }

  /** Returns the cached status once a worker has confirmed that it is running. */
  async #confirmed(
    userId: string,
    described: WorkflowExecutionDescription,
    known: Status,
    cameAt: number,
  ): Promise<WorkerAnswer> {
    for (const givenUpAt = Date.now() + this.#queryTimeout; Date.now() < givenUpAt;) {
      let own: Promise<WorkerAnswer> | undefined;
      const isConfirmed = await this.#liveness.query(() => {
        own = this.#askStatus(userId, described, cameAt);
        // The failure of one user's query must not fail other readers, who then share another query.
        return own.then(
          (answered) => answered !== CLOSED && answered?.live === true,
          () => false,
        );
      }, cameAt);
      if (own !== undefined) return own;
      if (isConfirmed) return known;
    }
    return undefined;
  }

  /** Queries the journey once for all concurrent readers: while a workflow task runs, the server buffers only one query. */
  async #askStatus(userId: string, described: WorkflowExecutionDescription, cameAt: number): Promise<WorkerAnswer> {
    const question = this.#questions.get(userId) ?? new SharedQuery<WorkerAnswer>();
    this.#questions.set(userId, question);
    try {
      return await question.query(async () => {
        const answer = await this.#query(userId, 'status');
        const answered = answer === undefined || answer === CLOSED ? answer : parseStatus(answer);
        if (answered !== undefined && answered !== CLOSED) this.#remember(userId, described, answered);
        return answered;
      }, cameAt);
    } finally {
      if (question.isIdle && this.#questions.get(userId) === question) this.#questions.delete(userId);
    }
  }

  #remember(userId: string, { runId, historyLength, raw }: WorkflowExecutionDescription, status: Status): void {
    // While a workflow task is pending, the reply may be ahead of the history.
    if (raw.pendingWorkflowTask != null && !isFinal(status.state)) return;
    this.#cache.set(userId, { status, runId, historyLength }, { ttl: isFinal(status.state) ? 0 : CACHE_TTL_MS });
  }

  #knownOf(userId: string, { runId, historyLength, raw }: WorkflowExecutionDescription): Status | undefined {
    const known = this.#cache.get(userId);
    if (known?.runId !== runId) return undefined;
    const same = known.historyLength === historyLength && raw.pendingWorkflowTask == null;
    return same || isFinal(known.status.state) ? known.status : undefined;
  }

  /** Returns the timeline. Needs a worker while the journey is open. */
  async timeline(userId: string): Promise<readonly TimelineItem[]> {
    const answered = await this.#query(userId, 'timeline');
    if (answered === undefined) throw await this.#noWorker(userId);
    return answered === CLOSED ? ((await this.result(userId))?.timeline ?? []) : parseTimeline(answered);
  }

  /** Returns the timeline with the status after each item. Needs a worker while the journey is open. */
  async statusHistory(userId: string): Promise<readonly StatusHistoryItem[]> {
    const log = await this.#log(userId);
    const statuses = replayTimeline(log, await this.#beginning(userId));
    return timelineOf(log).map((item, index) => ({ ...item, status: statuses[index] ?? null }));
  }

  /**
   * Returns how a journey began and everything that has happened since. Needs a worker while the journey is open.
   *
   * @throws LogIncomplete
   */
  async record(userId: string): Promise<JourneyRecord> {
    const log = await this.#log(userId);
    return recordOf(log, await this.#beginning(userId));
  }

  async #log(userId: string): Promise<readonly LogEntry[]> {
    const answered = await this.#query(userId, 'log');
    if (answered === undefined) throw await this.#noWorker(userId);
    return answered === CLOSED ? ((await this.result(userId))?.carried.log ?? []) : parseLog(answered);
  }

  #beginning(userId: string): Promise<JourneyBeginning> {
    return translatingErrors(() => readBeginning(this.#client, userId));
  }

  /** Returns the result of a closed journey; `undefined` if it was ended from outside. */
  result(userId: string): Promise<JourneyResult | undefined> {
    // A cancelled journey may take a moment to close.
    return translatingErrors(() =>
      this.#client.withDeadline(Date.now() + RESULT_TIMEOUT_MS, () => readResult(this.#client, userId)),
    );
  }

  /** Describes the workflow execution. Needs no worker. */
  describe(userId: string): Promise<WorkflowExecutionDescription> {
    return translatingErrors(() => describeJourney(this.#client, userId));
  }

  /** Returns the error for a missing worker; throws if Temporal itself does not answer. */
  async #noWorker(userId: string): Promise<Unavailable> {
    await this.describe(userId);
    return new Unavailable('the timeline of an open journey needs a worker, and none answers');
  }

  /** Queries an open journey; `CLOSED` if it is closed, `undefined` if no worker answers authentically. */
  async #query(userId: string, name: Exclude<keyof Queries, 'preview'>): Promise<unknown> {
    const handle = this.#client.workflow.getHandle(journeyId(userId));
    try {
      const live = () => queryWorkflow(handle, name);
      return await this.#client.withDeadline(Date.now() + this.#queryTimeout, live);
    } catch (error) {
      if (error instanceof QueryRejectedError) return CLOSED;
      // No worker polls, none answered in time, or it died: the caller falls back to what the server stores.
      if (error instanceof ServiceError || error instanceof EnvelopeError || error instanceof QueryNotRegisteredError) {
        return undefined;
      }
      throw toOnwardError(error);
    }
  }
}

/** Resolves to the value of a promise, or to `undefined` after `wait` milliseconds. */
async function withTimeout<T>(wait: number, promise: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([promise, pause(wait, undefined, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}

/** Calls Temporal and translates its errors into `OnwardError`s. */
export async function translatingErrors<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toOnwardError(error);
  }
}

function toOnwardError(error: unknown): unknown {
  return error instanceof WorkflowNotFoundError ? new NotFound() : translate(error);
}
