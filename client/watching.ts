import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { journeyId } from '../workflows/contract.ts';
import { isFinal } from '../workflows/status.ts';
import type { Status } from '../workflows/status.ts';
import { NotFound } from './errors.ts';
import { reach } from './reading.ts';
import type { Reading } from './reading.ts';

/** Hears each status anew, and once that there is no such journey any more. */
export interface Listener {
  status(status: Status): void;
  gone(): void;
}

/** The server itself answers after 20 s at the latest, with nothing new; past this the connection is gone. */
const LONGEST_POLL = 70_000;
const AFTER_A_FAILURE = 1_000;

const { EventType } = proto.temporal.api.enums.v1;
/** A journey changes when a workflow task of it has completed; `null` of other events is worth a look. */
const TELLING = new Set<unknown>([
  EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
]);

/**
 * Watches journeys by the server's own long-poll on their histories, which costs neither an event nor a worker.
 *
 * 1. One watch a user, shared by all who listen; it ends with the last of them.
 * 2. A watch asks for the status only when a workflow task has completed, once for all listeners.
 * 3. What cannot be reached is tried again while somebody listens.
 */
export class Watching {
  readonly #client: Client;
  readonly #reading: Reading;
  readonly #watches = new Map<string, { readonly listeners: Set<Listener>; readonly over: AbortController }>();

  constructor(client: Client, reading: Reading) {
    this.#client = client;
    this.#reading = reading;
  }

  /** How many users are watched. */
  get size(): number {
    return this.#watches.size;
  }

  /** Hears the status now and whenever it has changed; gives what ends it. */
  listen(userId: string, listener: Listener): () => void {
    const watch = this.#watches.get(userId) ?? this.#begin(userId);
    watch.listeners.add(listener);
    return () => {
      watch.listeners.delete(listener);
      if (watch.listeners.size > 0) return;
      watch.over.abort();
      if (this.#watches.get(userId) === watch) this.#watches.delete(userId);
    };
  }

  /**
   * Waits until the status is another than that of a revision, or final.
   *
   * @param signal ends the wait
   * @returns the status, or `undefined` where the wait ended first
   * @throws NotFound
   */
  next(userId: string, after: number, signal: AbortSignal): Promise<Status | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        signal.removeEventListener('abort', giveUp);
        leave();
        act();
      };
      const giveUp = () => settle(() => resolve(undefined));
      const leave = this.listen(userId, {
        status: (status) => {
          const isNews = status.revision !== null && status.revision !== after;
          if (isNews || isFinal(status.state)) settle(() => resolve(status));
        },
        gone: () => settle(() => reject(new NotFound())),
      });
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp);
    });
  }

  #begin(userId: string) {
    const watch = { listeners: new Set<Listener>(), over: new AbortController() };
    this.#watches.set(userId, watch);
    const tell = (act: (listener: Listener) => void) => {
      for (const listener of watch.listeners) act(listener);
    };
    void this.#follow(userId, watch.over.signal, (status) => tell((listener) => listener.status(status))).catch(() => {
      if (this.#watches.get(userId) === watch) this.#watches.delete(userId);
      tell((listener) => listener.gone());
    });
    return watch;
  }

  /** Rejects when there is no such journey. */
  async #follow(userId: string, over: AbortSignal, tell: (status: Status) => void): Promise<void> {
    let from: Uint8Array | undefined;
    while (!over.aborted) {
      try {
        const { changed, next } = await this.#poll(userId, from, over);
        if (changed) {
          const status = await this.#reading.status(userId);
          tell(status);
          if (isFinal(status.state)) return;
        }
        // An empty one ends this run: a long journey goes on in another, which is read from its beginning.
        from = next.length === 0 ? undefined : next;
      } catch (error) {
        if (error instanceof NotFound) throw error;
        await pause(AFTER_A_FAILURE, undefined, { signal: over }).catch(() => {});
      }
    }
  }

  async #poll(userId: string, from: Uint8Array | undefined, over: AbortSignal) {
    const request = {
      namespace: this.#client.options.namespace,
      execution: { workflowId: journeyId(userId) },
      waitNewEvent: true,
      ...(from !== undefined && { nextPageToken: from }),
    };
    const ask = () => this.#client.workflowService.getWorkflowExecutionHistory(request);
    const { history, nextPageToken } = await reach(() =>
      this.#client.withDeadline(Date.now() + LONGEST_POLL, () =>
        withOwnSignal(over, (signal) => this.#client.withAbortSignal(signal, ask)),
      ),
    );
    const changed = from === undefined || (history?.events ?? []).some(({ eventType }) => TELLING.has(eventType));
    return { changed, next: nextPageToken };
  }
}

/** Calls with a signal that is aborted with another: the SDK never takes its listener back, and a watch makes many calls. */
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
