import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import { isFinal } from '../../workflows/journey/status/status.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { NotFound } from '../errors.ts';
import { translatingErrors } from './status-reader.ts';
import type { StatusReader } from './status-reader.ts';
import { isNews, isStillNews } from './status-updates.ts';
import { StatusRefresh } from './status-refresh.ts';

/** Receives each new status, and `gone` once if the journey no longer exists. */
export interface Listener {
  status(status: Status): void;
  gone(): void;
}

/** The server ends a long poll after 20 s at the latest. After this time the connection is dead. */
const MAX_POLL_MS = 70_000;
const RETRY_DELAY_MS = 1_000;

const { EventType } = proto.temporal.api.enums.v1;
/** The events after which the status may have changed. */
const STATUS_CHANGING_EVENTS = new Set<unknown>([
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
]);

interface Watch {
  readonly userId: string;
  /** Each listener with the last status that it received. */
  readonly listeners: Map<Listener, Status | undefined>;
  readonly over: AbortController;
  lastLive: Status | undefined;
}

/**
 * Watches journeys by long-polling their histories, which adds no history events and needs no worker.
 *
 * 1. Each user has one watch, shared by all listeners. It ends with the last of them.
 * 2. A watch reads the status when a workflow task has completed, once for all listeners.
 * 3. A read that no worker has answered is retried until one does.
 * 4. Each listener receives only newer statuses. One that joins a running watch receives its last live status.
 * 5. Failed polls are retried while there are listeners.
 */
export class StatusSubscriptions {
  readonly #client: Client;
  readonly #statusReader: StatusReader;
  readonly #subscriptions = new Map<string, Watch>();
  readonly #refresh = new StatusRefresh();

  constructor(client: Client, statusReader: StatusReader) {
    this.#client = client;
    this.#statusReader = statusReader;
  }

  /** Number of watched users. */
  get size(): number {
    return this.#subscriptions.size;
  }

  /**
   * Sends the current status and every later one to the listener. Returns a function that unsubscribes.
   *
   * @param read the status that the listener has just read; only newer ones are sent
   */
  subscribe(userId: string, listener: Listener, read?: Status): () => void {
    const watch = this.#subscriptions.get(userId) ?? this.#start(userId);
    watch.listeners.set(listener, read);
    // Deferred, so that the listener can already unsubscribe.
    queueMicrotask(() => this.#welcome(watch, listener));
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size === 0) this.#end(watch);
    };
  }

  /**
   * Waits until the status has another revision than `after`, or is final.
   *
   * @param signal ends the wait
   * @param read the status that the caller has just read
   * @returns the status, or `undefined` if the wait was aborted first
   * @throws NotFound
   */
  next(userId: string, after: number, signal: AbortSignal, read?: Status): Promise<Status | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        signal.removeEventListener('abort', giveUp);
        leave();
        act();
      };
      const giveUp = () => settle(() => resolve(undefined));
      const listener: Listener = {
        status: (status) => {
          const isAnother = status.revision !== null && status.revision !== after;
          if (isAnother || isFinal(status.state)) settle(() => resolve(status));
        },
        gone: () => settle(() => reject(new NotFound())),
      };
      const leave = this.subscribe(userId, listener, read);
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp);
    });
  }

  #start(userId: string): Watch {
    const watch: Watch = { userId, listeners: new Map(), over: new AbortController(), lastLive: undefined };
    this.#subscriptions.set(userId, watch);
    void this.#follow(watch).catch(() => {
      this.#end(watch);
      for (const listener of watch.listeners.keys()) listener.gone();
    });
    return watch;
  }

  #end(watch: Watch): void {
    watch.over.abort();
    this.#refresh.remove(watch);
    if (this.#subscriptions.get(watch.userId) === watch) this.#subscriptions.delete(watch.userId);
  }

  /** Sends the last live status to a new listener. If the listener has only read a status that is not live, schedules a refresh. */
  #welcome(watch: Watch, listener: Listener): void {
    if (!watch.listeners.has(listener)) return;
    const read = watch.listeners.get(listener);
    if (watch.lastLive !== undefined && isStillNews(watch.lastLive, read)) return send(watch, listener, watch.lastLive);
    if (read?.live === false) this.#refreshLater(watch);
  }

  /** Rejects if the journey does not exist. */
  async #follow(watch: Watch): Promise<void> {
    const over = watch.over.signal;
    let from: Uint8Array | undefined;
    while (!over.aborted) {
      try {
        const { changed, next } = await this.#poll(watch.userId, from, over);
        const isOver = changed && (await this.#readStatus(watch)) === 'final';
        // An empty token means that this run is closed. After continue-as-new, the next run is read from its start.
        from = next.length === 0 ? undefined : next;
        // Remaining listeners wait for a restart of the journey.
        if (isOver) await pause(RETRY_DELAY_MS, undefined, { signal: over }).catch(() => {});
      } catch (error) {
        if (error instanceof NotFound) throw error;
        await pause(RETRY_DELAY_MS, undefined, { signal: over }).catch(() => {});
      }
    }
  }

  /** Reads the status and sends it to all listeners. Schedules a refresh if no worker has answered. */
  async #readStatus(watch: Watch): Promise<'final' | 'live' | 'outdated'> {
    const status = await this.#statusReader.status(watch.userId);
    if (status.live) watch.lastLive = status;
    for (const [listener, last] of watch.listeners) if (isNews(status, last)) send(watch, listener, status);
    const isOver = isFinal(status.state);
    if (isOver || status.live) this.#refresh.remove(watch);
    else this.#refreshLater(watch);
    return isOver ? 'final' : status.live ? 'live' : 'outdated';
  }

  #refreshLater(watch: Watch): void {
    if (watch.over.signal.aborted) return;
    this.#refresh.add(watch, async () => (await this.#readStatus(watch)) !== 'outdated');
  }

  async #poll(userId: string, from: Uint8Array | undefined, over: AbortSignal) {
    const request = {
      namespace: this.#client.options.namespace,
      execution: { workflowId: journeyId(userId) },
      waitNewEvent: true,
      ...(from !== undefined && { nextPageToken: from }),
    };
    const ask = () => this.#client.workflowService.getWorkflowExecutionHistory(request);
    const { history, nextPageToken } = await translatingErrors(() =>
      this.#client.withDeadline(Date.now() + MAX_POLL_MS, () =>
        withOwnSignal(over, (signal) => this.#client.withAbortSignal(signal, ask)),
      ),
    );
    const changed =
      from === undefined || (history?.events ?? []).some(({ eventType }) => STATUS_CHANGING_EVENTS.has(eventType));
    return { changed, next: nextPageToken };
  }
}

function send(watch: Watch, listener: Listener, status: Status): void {
  watch.listeners.set(listener, status);
  listener.status(status);
}

/** Calls with a separate signal that follows `over`. The SDK never removes its abort listener, and a watch makes many calls. */
async function withOwnSignal<T>(over: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort();
  over.addEventListener('abort', abort);
  if (over.aborted) abort();
  try {
    return await call(own.signal);
  } finally {
    over.removeEventListener('abort', abort);
  }
}
