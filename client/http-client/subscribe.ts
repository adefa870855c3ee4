import { ParseError } from 'eventsource-parser';
import { parseEvents } from './sse.ts';
import { sendRequest, parseJson } from './request.ts';
import type { Endpoint } from './request.ts';
import { Problem, unexpectedResponse, unreachable } from './problem.ts';
import type { CallOptions, State, Status } from './types.ts';

/** The states in which a journey has ended. Declared here, because importing the machine would load XState. */
export const finalStates = ['done', 'expired', 'cancelled'] as const satisfies readonly State[];

const isFinal = (state: State) => finalStates.some((final) => final === state);

/** The gateway sends an event or a comment every 15 s; a stream that is silent for longer than this is lost. */
const IDLE_TIMEOUT_MS = 40_000;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 15_000;

/** Yields every status until the final state, reconnecting as needed. */
export async function* watch(
  endpoint: Endpoint,
  path: string,
  { signal }: CallOptions,
): AsyncGenerator<Status, void, undefined> {
  let last: string | null = null;
  let backoff = 0;
  for (;;) {
    try {
      for await (const { id, status } of connection(endpoint, path, last, signal)) {
        last = id ?? last;
        backoff = INITIAL_BACKOFF_MS;
        yield status;
        if (isFinal(status.state)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      // If the first connection fails, the caller gets the error. Later ones are retried.
      if (backoff === 0 || !isRetryable(error)) throw error;
      backoff = Math.max(backoff, retryAfter(error));
    }
    await sleep(backoff, signal);
    backoff = Math.min(Math.max(backoff, INITIAL_BACKOFF_MS) * 2, MAX_BACKOFF_MS);
  }
}

async function* connection(endpoint: Endpoint, path: string, last: string | null, signal: AbortSignal | undefined) {
  const silence = new AbortController();
  const startTimer = () => setTimeout(() => silence.abort(), IDLE_TIMEOUT_MS);
  let timer = startTimer();
  const restartTimer = () => {
    clearTimeout(timer);
    timer = startTimer();
  };
  try {
    const response = await sendRequest(endpoint, {
      method: 'GET',
      path,
      headers: { accept: 'text/event-stream', ...(last !== null && { 'last-event-id': last }) },
      signal: signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]),
    });
    yield* statusesIn(response, restartTimer, last === null);
  } catch (error) {
    signal?.throwIfAborted();
    if (silence.signal.aborted) throw unreachable(endpoint.url, error, `no data for ${IDLE_TIMEOUT_MS / 1_000} s from`);
    if (error instanceof Problem) throw error;
    if (error instanceof ParseError) throw unexpectedResponse({ status: 200 }, 'whose event stream cannot be parsed');
    throw unreachable(endpoint.url, error, 'the event stream broke, from');
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** @param isFirst a stream that does not resume begins with the present status */
async function* statusesIn(response: Response, onActivity: () => void, isFirst: boolean) {
  const type = response.headers.get('content-type') ?? 'without a content type';
  if (!type.startsWith('text/event-stream') || response.body === null) {
    throw unexpectedResponse(response, `which is not an event stream (${type})`);
  }
  let isEmpty = true;
  for await (const { id, data } of parseEvents(response.body, onActivity)) {
    isEmpty = false;
    yield { id, status: parseJson<Status>(response, data, ['userId', 'state']) };
  }
  if (isFirst && isEmpty) throw unexpectedResponse(response, 'whose event stream ended before the first status');
}

/** Whether a retry may help: a broken connection, an outage, too many calls. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

function retryAfter(error: unknown): number {
  return error instanceof Problem ? (error.retryAfter ?? 0) * 1_000 : 0;
}

/** Waits, in Node and in browsers. Rejects if the caller aborts. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
