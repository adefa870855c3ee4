import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How many unread bytes a response may buffer, in addition to one event. */
const MAX_UNREAD_BYTES = 16 * 1_024;

interface ServerSentEvent {
  readonly event: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

/** Writes server-sent events to a response. The bytes that a slow reader leaves unread are bounded. */
export class BoundedWriter {
  readonly #raw: ServerResponse;
  /** The request's, because a response that is queued behind another on its connection has no socket. */
  readonly #socket: Socket;
  /** The newest event that waits until the reader has read. */
  #waiting: ServerSentEvent | undefined;
  #writes = 0;
  #unreadSince: number | undefined;

  constructor(raw: ServerResponse) {
    this.#raw = raw;
    this.#socket = raw.req.socket;
  }

  /** Writes an event. If too much is unread, the event waits and replaces an earlier waiting one. */
  write(event: ServerSentEvent): void {
    if (this.#raw.writableLength >= MAX_UNREAD_BYTES) this.#waiting = event;
    else this.#send(textOf(event));
  }

  /** Writes a comment, unless something is unread. */
  writeComment(comment: string): void {
    if (this.#writes === 0) this.#send(`: ${comment}\n\n`);
  }

  /** Returns how long data has been unread, in milliseconds. */
  unreadFor(): number {
    return this.#unreadSince === undefined ? 0 : Date.now() - this.#unreadSince;
  }

  /** Ends the response. If data is still unread after `gracePeriod` milliseconds, closes the connection. */
  end(gracePeriod: number): void {
    if (this.#waiting !== undefined) this.#send(textOf(this.#waiting));
    this.#waiting = undefined;
    this.#raw.end();
    if (this.#writes === 0 || this.#socket.destroyed) return;
    const timer = setTimeout(() => this.destroy(), gracePeriod);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Closes the connection. */
  destroy(): void {
    this.#socket.destroy();
  }

  #send(text: string): void {
    this.#writes += 1;
    this.#unreadSince ??= Date.now();
    // Called when the operating system has accepted the data.
    this.#raw.write(text, () => this.#written());
  }

  #written(): void {
    this.#writes -= 1;
    // A reader that reads, however slowly, restarts the timeout.
    this.#unreadSince = this.#writes === 0 ? undefined : Date.now();
    const waiting = this.#waiting;
    if (waiting === undefined || this.#raw.writableLength >= MAX_UNREAD_BYTES) return;
    this.#waiting = undefined;
    this.#send(textOf(waiting));
  }
}

function textOf({ event, data, id }: ServerSentEvent): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
