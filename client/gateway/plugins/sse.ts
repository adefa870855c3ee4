import type { FastifyReply } from 'fastify';
import { BoundedWriter } from './bounded-writer.ts';
import type { OpenRequests } from '../sessions/open-requests.ts';
import { ProblemError } from './problems.ts';
import type { Holder } from './tokens.ts';
import type { Role } from '../../../workflows/journey/roles.ts';

/** Proxies close a connection that is idle for a minute. */
const HEARTBEAT_INTERVAL_MS = 15_000;

/** Open streams per token: a product's backend watches many users, a person a few pages. */
const MAX_STREAMS_PER_TOKEN: { readonly [R in Role]: number } = { app: 5_000, viewer: 200, operator: 200 };
const RETRY_AFTER_S = 5;

/** How long a reader may leave events unread before its connection is closed. */
const UNREAD_TIMEOUT_MS = 30_000;

export interface EventStream {
  /** Whether the stream has ended. */
  readonly hasEnded: boolean;
  /**
   * Sends an event. While too much is unread, the newest event replaces those that have not been sent.
   *
   * @param id the event id from which a reader resumes
   */
  send(event: string, data: unknown, id?: string): void;
  end(): void;
}

interface Limits {
  /** Open streams per token, by role. */
  readonly maxStreams: { readonly [R in Role]: number };
  readonly heartbeat: number;
  readonly unreadTimeout: number;
}

const limits: Limits = {
  maxStreams: MAX_STREAMS_PER_TOKEN,
  heartbeat: HEARTBEAT_INTERVAL_MS,
  unreadTimeout: UNREAD_TIMEOUT_MS,
};

/** Serves event streams with a limited number per token and bounded memory each. */
export class EventStreams {
  readonly #over: AbortSignal;
  readonly #limits: Limits;
  readonly #open = new Map<string, number>();
  readonly #requests: OpenRequests;

  /**
   * @param over aborted when the process shuts down: every stream ends, and its reader resumes on another gateway
   * @param requests ends the streams of a browser session with it
   * @param maxStreams open streams per token, by role
   * @param times in milliseconds
   */
  constructor(
    over: AbortSignal,
    requests: OpenRequests,
    maxStreams = MAX_STREAMS_PER_TOKEN,
    times: Partial<Omit<Limits, 'maxStreams'>> = {},
  ) {
    this.#over = over;
    this.#requests = requests;
    this.#limits = { ...limits, ...times, maxStreams };
  }

  /**
   * Starts a stream as the reply. A HEAD request gets only the headers.
   *
   * @param begin called when the stream is open; returns a function to call when it ends
   * @throws ProblemError `too_many_requests`
   */
  begin(reply: FastifyReply, holder: Holder | null, begin: (stream: EventStream) => () => void): FastifyReply {
    const { raw } = reply;
    const isHead = reply.request?.method === 'HEAD';
    const leave = isHead ? () => {} : this.#enter(holder);
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'close',
      'x-accel-buffering': 'no',
    });
    if (isHead) {
      raw.end();
      return reply;
    }
    const out = new BoundedWriter(raw);
    const heartbeat = setInterval(() => {
      if (out.unreadFor() > this.#limits.unreadTimeout) out.destroy();
      else out.writeComment('still here');
    }, this.#limits.heartbeat);
    let stop: (() => void) | undefined;
    let forget: (() => void) | undefined;
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      clearInterval(heartbeat);
      leave();
      forget?.();
      stop?.();
      this.#over.removeEventListener('abort', end);
      out.end(this.#limits.unreadTimeout);
    };
    forget = this.#requests.add(reply.request?.session ?? null, end);
    this.#over.addEventListener('abort', end);
    raw.once('close', end);
    stop = begin({
      get hasEnded() {
        return hasEnded;
      },
      send: (event, data, id) => {
        if (!hasEnded) out.write({ event, data, id });
      },
      end,
    });
    // The stream may have ended during `begin`, after its last event or because the caller has disconnected.
    if (hasEnded) stop();
    else if (raw.destroyed || this.#over.aborted) end();
    return reply;
  }

  #enter(holder: Holder | null): () => void {
    if (holder === null) return () => {};
    const key = `${holder.role}:${holder.name}`;
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#limits.maxStreams[holder.role]) {
      throw new ProblemError('too_many_requests', `this token already has ${open} open event streams`, RETRY_AFTER_S);
    }
    this.#open.set(key, open + 1);
    return () => {
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left === 0) this.#open.delete(key);
      else this.#open.set(key, left);
    };
  }
}
