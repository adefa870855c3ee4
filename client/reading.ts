import { QueryRejectedError, ServiceError } from '@temporalio/client';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { LRUCache } from 'lru-cache';
import { journeyId, statusQuery, timelineQuery } from '../workflows/contract.ts';
import type { Ending } from '../workflows/contract.ts';
import type { TimelineItem } from '../workflows/log.ts';
import { isFinal } from '../workflows/status.ts';
import type { Status } from '../workflows/status.ts';
import { translate } from './ask.ts';
import { readEnding, statusFromServer } from './endings.ts';
import { NotFound, Unavailable } from './errors.ts';

/** How long a live answer is waited for before the server answers from what it knows. */
const QUERY_WAIT = 800;

/** How long the end of a journey that has come to a final state is waited for. */
const ENDING_WAIT = 10_000;

/** Statuses that are remembered, about 1 KB each. */
const REMEMBERED = 10_000;

interface Known {
  readonly status: Status;
  readonly runId: string;
}

/** Reads journeys, open and ended. Every method throws `NotFound` and `Unavailable`. */
export class Reading {
  readonly #client: Client;
  readonly #known = new LRUCache<string, Known>({ max: REMEMBERED });

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * From the journey; from the server while no worker answers (`live: false`); after the end in full, without a worker.
   * One that is final is remembered: it changes only with its execution, which the server is asked for first.
   */
  async status(userId: string): Promise<Status> {
    const described = await this.describe(userId);
    const known = this.#knownOf(userId, described);
    if (known !== undefined) return known;
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(statusQuery);
    const answered = await this.#query(live, async () => (await this.ending(userId))?.status);
    if (answered === undefined) return statusFromServer(described);
    if (isFinal(answered.state)) this.#known.set(userId, { status: answered, runId: described.runId });
    return answered;
  }

  #knownOf(userId: string, { runId }: WorkflowExecutionDescription): Status | undefined {
    const known = this.#known.get(userId);
    return known?.runId === runId ? known.status : undefined;
  }

  /** Told by a worker while the journey is open. */
  async timeline(userId: string): Promise<readonly TimelineItem[]> {
    const live = () => this.#client.workflow.getHandle(journeyId(userId)).query(timelineQuery);
    const answered = await this.#query(live, async () => (await this.ending(userId))?.timeline ?? []);
    if (answered === undefined) throw new Unavailable('the timeline is told by a worker, and none answers');
    return answered;
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
