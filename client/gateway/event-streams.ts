import type { FastifyReply } from 'fastify';
import { Refused } from './problems.ts';
import type { Role, Token } from './tokens.ts';

/** Proxies close a connection on which nothing comes for a minute. */
const HEARTBEAT = 15_000;

/** Streams that one token may have open: a product's backend watches its users, a person watches a few pages. */
const MOST: { readonly [R in Role]: number } = { app: 5_000, viewer: 200, operator: 200 };
const RETRY_AFTER = 5;

export interface EventStream {
  /** Nobody reads it any more. */
  readonly ended: boolean;
  /** @param id by which a reader resumes, where there is one */
  send(event: string, data: unknown, id?: string): void;
  end(): void;
}

/** Server-sent events, as many at once as a token may have. */
export class EventStreams {
  readonly #over: AbortSignal;
  readonly #most: { readonly [R in Role]: number };
  readonly #open = new Map<string, number>();

  /** @param over aborted when the process ends: every stream ends then, and is resumed by its reader elsewhere */
  constructor(over: AbortSignal, most = MOST) {
    this.#over = over;
    this.#most = most;
  }

  /**
   * Begins a stream as the reply.
   *
   * @param begin called once it is open; gives what is to be done when it ends
   * @throws Refused `too_many_requests`
   */
  begin(reply: FastifyReply, holder: Token | null, begin: (stream: EventStream) => () => void): FastifyReply {
    const leave = this.#enter(holder);
    const { raw } = reply;
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'close',
      'x-accel-buffering': 'no',
    });
    const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT);
    let stop: (() => void) | undefined;
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      clearInterval(heartbeat);
      leave();
      stop?.();
      this.#over.removeEventListener('abort', end);
      raw.end();
    };
    this.#over.addEventListener('abort', end);
    raw.once('close', end);
    stop = begin({
      get ended() {
        return ended;
      },
      send: (event, data, id) => {
        if (!ended)
          raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      },
      end,
    });
    // It may have ended while it began: by its last event, or because whoever asked has left.
    if (ended) stop();
    else if (raw.destroyed || this.#over.aborted) end();
    return reply;
  }

  #enter(holder: Token | null): () => void {
    if (holder === null) return () => {};
    const key = `${holder.role}:${holder.name}`;
    const open = this.#open.get(key) ?? 0;
    if (open >= this.#most[holder.role]) {
      throw new Refused('too_many_requests', `this token has ${open} event streams open already`, RETRY_AFTER);
    }
    this.#open.set(key, open + 1);
    return () => {
      const left = (this.#open.get(key) ?? 1) - 1;
      if (left === 0) this.#open.delete(key);
      else this.#open.set(key, left);
    };
  }
}
