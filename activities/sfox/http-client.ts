import { once } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { got, RequestError, TimeoutError } from 'got';
import type { Got, PlainResponse } from 'got';
import type { Socket } from 'node:net';
import { withDeadline } from '../deadline.ts';
import { ProviderError } from '../provider-error.ts';
import { dropUnsolicitedReplies } from './idle-connections.ts';
import { mismatchOf } from './subject.ts';
import type { Subject } from './subject.ts';
import { parseRetryAfter } from '../retry-after.ts';

export interface Reply {
  readonly status: number;
  /** The parsed JSON body; `undefined` if the body is not JSON. */
  readonly body: unknown;
  /** Milliseconds, from the `Retry-After` header. */
  readonly retryAfter: number | null;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly json?: object;
  /** The timeout of the whole request, in milliseconds. */
  readonly timeout: number;
  /** The user and channel of the request. A reply about another user or channel is rejected. */
  readonly about: Subject;
}

export interface HttpClient {
  (call: Call): Promise<Reply>;
  /** Requests a reply whose body is read as it arrives. Both throw `ProviderError`. */
  stream(path: string, signal: AbortSignal): Promise<StreamedReply>;
  close(): void;
}

export interface StreamedReply extends Omit<Reply, 'body'> {
  readonly body: AsyncIterable<Uint8Array>;
}

const SECOND = 1_000;
const CONNECT_TIMEOUT_MS = 3 * SECOND;
/** The provider may close a connection that is idle for longer. A request on it would fail with an unknown outcome. */
const IDLE_CONNECTION_MS = 4 * SECOND;
/** Our own deadline is later than got's timeouts, which distinguish what happened. */
const DEADLINE_GRACE_MS = SECOND / 2;
const MAX_BODY_BYTES = 64 * 1_024;
/** A long list takes the provider a while to begin, and minutes to send. */
const STREAM_TIMEOUTS = {
  lookup: CONNECT_TIMEOUT_MS,
  connect: CONNECT_TIMEOUT_MS,
  secureConnect: CONNECT_TIMEOUT_MS,
  response: 60 * SECOND,
  socket: 30 * SECOND,
  request: 600 * SECOND,
};

/**
 * Creates an HTTP client for the provider. It makes one attempt, returns every status as a value and follows no redirects,
 * because got would send the body to the new location.
 *
 * @param baseUrl the provider's base URL
 * @param apiKey the enterprise key
 * @throws ProviderError `ProviderUnreached` or `ProviderOutcomeUnknown`, without text of the HTTP library
 */
export function createHttpClient(baseUrl: string, apiKey: string): HttpClient {
  const isHttps = baseUrl.startsWith('https:');
  const options = { keepAlive: true, timeout: IDLE_CONNECTION_MS };
  const agent = {
    http: dropUnsolicitedReplies(new HttpAgent(options)),
    https: dropUnsolicitedReplies(new HttpsAgent(options)),
  };
  const client = got.extend({
    prefixUrl: baseUrl,
    headers: {
      authorization: `Bearer ${apiKey}`,
      accept: 'application/json',
      'cache-control': 'no-cache',
      'user-agent': 'onward',
    },
    agent,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    responseType: 'text',
  });

  const http = async ({ method, path, json, timeout, about }: Call): Promise<Reply> => {
    const connect = Math.min(CONNECT_TIMEOUT_MS, timeout);
    const phases = { lookup: connect, connect, secureConnect: connect, request: timeout };
    let socket: Socket | undefined;
    const sendRequest = async (signal: AbortSignal) => {
      const request = client(path, { method, timeout: phases, signal, ...(json !== undefined && { json }) });
      void request.on('request', (sent) => sent.once('socket', (used) => (socket = used)));
      void request.on('downloadProgress', ({ transferred }) => {
        if (transferred > MAX_BODY_BYTES) request.cancel();
      });
      const { statusCode, headers, body } = await request;
      return {
        status: statusCode,
        body: parse(body),
        retryAfter: parseRetryAfter(headers['retry-after'], MAX_RETRY_AFTER_MS),
      };
    };
    try {
      const reply = await withDeadline(timeout + DEADLINE_GRACE_MS, noReplyInTime, sendRequest);
      const mismatch = mismatchOf(reply.body, reply.status, about);
      if (mismatch !== undefined) throw new ProviderError('ProviderOutcomeUnknown', mismatch);
      return reply;
    } catch (error) {
      // Data that still arrives on this connection must not be read as the reply to the next request.
      socket?.destroy();
      throw error instanceof ProviderError ? error : toProviderError(error, isHttps);
    }
  };
  return Object.assign(http, {
    stream: createStream(client, isHttps),
    close: () => {
      agent.http.destroy();
      agent.https.destroy();
    },
  });
}

function createStream(client: Got, isHttps: boolean): HttpClient['stream'] {
  return async (path, signal) => {
    // got's own `signal` is not used: after the response, an abort would be an unhandled error.
    const request = client.stream(path, { timeout: STREAM_TIMEOUTS });
    request.on('error', () => {});
    const stop = () => request.destroy(new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
    const release = () => signal.removeEventListener('abort', stop);
    try {
      const [{ statusCode, headers }] = (await once(request, 'response')) as [PlainResponse];
      const retryAfter = parseRetryAfter(headers['retry-after'], MAX_RETRY_AFTER_MS);
      return { status: statusCode, retryAfter, body: chunksOf(request, isHttps, release) };
    } catch (error) {
      release();
      throw toProviderError(error, isHttps);
    }
  };
}

async function* chunksOf(
  request: AsyncIterable<Uint8Array>,
  isHttps: boolean,
  release: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* request;
  } catch (error) {
    throw toProviderError(error, isHttps);
  } finally {
    release();
  }
}

/** Reads a streamed body that is expected to be short. A longer one is truncated. */
export async function readText({ body }: StreamedReply): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).toString();
}

/** Parses JSON; `undefined` if the text is not JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const MAX_RETRY_AFTER_MS = 3_600 * SECOND;

/** Before the connection is established, nothing has reached the provider. After that the outcome is unknown, with any error code. */
function toProviderError(error: unknown, isHttps: boolean): ProviderError {
  const { code, timings } = error instanceof RequestError ? error : {};
  const isTimeout = error instanceof TimeoutError;
  // Without timings, the outcome counts as unknown.
  const { connect, secureConnect } = timings ?? { connect: 0, secureConnect: 0 };
  if (connect === undefined) return new ProviderError('ProviderUnreached', `no connection ${cause(isTimeout, code)}`);
  if (isHttps && secureConnect === undefined) {
    return new ProviderError('ProviderUnreached', `no trusted connection ${cause(isTimeout, code)}`);
  }
  if (isTimeout) return noReplyInTime();
  return new ProviderError('ProviderOutcomeUnknown', `the connection broke ${cause(isTimeout, code)}`);
}

const noReplyInTime = () => new ProviderError('ProviderOutcomeUnknown', 'no reply in time');

function cause(isTimeout: boolean, code = 'no code'): string {
  return isTimeout ? 'in time' : `(${code})`;
}
