import { setTimeout as pause } from 'node:timers/promises';
import { QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import { journeyId, logQuery, statusQuery, timelineQuery } from '../workflows/contract.ts';
import type { Ending } from '../workflows/contract.ts';
import { timelineOf } from '../workflows/log.ts';
import type { TimelineItem } from '../workflows/log.ts';
import { isFinal } from '../workflows/status.ts';
import type { Status } from '../workflows/status.ts';
import { translate } from './ask.ts';
import { readEnding, statusFromServer } from './endings.ts';
import { NotFound, Unavailable } from './errors.ts';
import { readBeginning, retrace } from './past.ts';
import type { PastItem } from './past.ts';
import { Proof } from './proof.ts';

/** How long a live answer is waited for before the server answers from what it knows. */
const QUERY_WAIT = 800;

/** Past that, a caller is kept no longer by questions of others. */
const GRACE = 100;

/** How long the end of a journey that has come to a final state is waited for. */
const ENDING_WAIT = 10_000;

/** Statuses that are remembered, about 1 KB each, and for how long where they are not final. */
const REMEMBERED = 10_000;
const REMEMBERED_FOR = 60_000;

interface Known {
  readonly status: Status;
  readonly runId: string;
  readonly historyLength: number;
}

/** Reads journeys, open and ended. Every method throws `NotFound` and `Unavailable`. */
export class Reading {
  readonly #client: Client;
  readonly #known = new LRUCache<string, Known>({ max: REMEMBERED });
  readonly #proof = new Proof();

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * From the journey; from the server while no worker answers (`live: false`); after the end in full, without a worker.
   *
   * A status follows from the history alone, so one that is known for its length, which the server is asked for first, is
   * told again. One that is not final is told as live: that a worker runs has to be shown anew, by whoever's question.
   */
  async status(userId: string): Promise<Status> {
    const described = await this.describe(userId);
    const known = this.#knownOf(userId, described);
    if (known !== undefined && isFinal(known.state)) return known;
    const answered = known === undefined ? this.#ask(userId, described) : this.#shown(userId, described, known);
    return (
      (await (known === undefined ? answered : within(QUERY_WAIT + GRACE, answered))) ?? statusFromServer(described)
    );
  }

  /** The status that is known, once a worker has shown that it runs. */
  async #shown(userId: string, described: WorkflowExecutionDescription, known: Status): Promise<Status | undefined> {
    for (const givenUpAt = Date.now() + QUERY_WAIT; Date.now() < givenUpAt;) {
      let own: Promise<Status | undefined> | undefined;
      const shows = await this.#proof.shown(() => {
        own = this.#ask(userId, described);
        // What becomes of one user's question is no news to others, who then ask by another's.
        return own.then(
          (answered) => answered?.live === true,
          () => false,
        );
      });
      if (own !== undefined) return own;
      if (shows) return known;
    }
    return undefined;
  }

  async #ask(userId: string, described: WorkflowExecutionDescription): Promise<Status | undefined> {
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(statusQuery);
    const answered = await this.#query(live, async () => (await this.ending(userId))?.status);
    const { runId, historyLength, raw } = described;
    // While a task is on its way, what is answered may be ahead of the history.
    if (answered === undefined || (raw.pendingWorkflowTask != null && !isFinal(answered.state))) return answered;
    const ttl = isFinal(answered.state) ? 0 : REMEMBERED_FOR;
    this.#known.set(userId, { status: answered, runId, historyLength }, { ttl });
    return answered;
  }

  #knownOf(userId: string, { runId, historyLength, raw }: WorkflowExecutionDescription): Status | undefined {
    const known = this.#known.get(userId);
    if (known?.runId !== runId) return undefined;
    const same = known.historyLength === historyLength && raw.pendingWorkflowTask == null;
    return same || isFinal(known.status.state) ? known.status : undefined;
  }

  /** Told by a worker while the journey is open. */
  async timeline(userId: string): Promise<readonly TimelineItem[]> {
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(timelineQuery);
    const answered = await this.#query(live, async () => (await this.ending(userId))?.timeline ?? []);
    if (answered === undefined) throw noWorker();
    return answered;
  }

  /** The timeline, with how the journey stood after each line; told by a worker while the journey is open. */
  async past(userId: string): Promise<readonly PastItem[]> {
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(logQuery);
    const log = await this.#query(live, async () => (await this.ending(userId))?.carried.log ?? []);
    if (log === undefined) throw noWorker();
    const stood = retrace(log, await reach(() => readBeginning(this.#client, userId)));
    return timelineOf(log).map((item, index) => ({ ...item, stood: stood[index] ?? null }));
  }

  /** What an ended journey left behind; `undefined` where it was cut off from outside. */
  ending(userId: string): Promise<Ending | undefined> {
    // A journey that is cancelled may take a moment to end.
    return reach(() => this.#client.withDeadline(Date.now() + ENDING_WAIT, () => readEnding(this.#client, userId)));
  }

  /** What the server itself knows. */
  describe(userId: string): Promise<WorkflowExecutionDescription> {
    return reach(() => this.#client.workflow.getHandle(journeyId(userId)).describe());
  }

  /** Asks a live journey; one that has ended is read; `undefined` where no worker answers. */
  async #query<T>(live: () => Promise<T>, afterTheEnd: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await this.#client.withDeadline(Date.now() + QUERY_WAIT, live);
    } catch (error) {
      if (error instanceof QueryRejectedError) return afterTheEnd();
      // None polls, none answered in time, or the one that was asked has just died: the server itself still knows something.
      if (error instanceof ServiceError) return undefined;
      throw inOurWords(error);
    }
  }
}

const noWorker = () => new Unavailable('the timeline is told by a worker, and none answers');

/** What a promise gives, or `undefined` where it takes longer, in milliseconds. */
async function within<T>(wait: number, promise: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([promise, pause(wait, undefined, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}

/** Calls Temporal, and puts what it throws into our words. */
export async function reach<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw inOurWords(error);
  }
}

function inOurWords(error: unknown): unknown {
  return error instanceof WorkflowNotFoundError ? new NotFound() : translate(error);
}
