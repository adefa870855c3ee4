import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { got, RequestError, TimeoutError } from 'got';
import { Silence } from './failures.ts';

export interface Reply {
  readonly status: number;
  /** The body as JSON; `undefined` where it is none. */
  readonly body: unknown;
  /** Milliseconds, from the `Retry-After` header. */
  readonly retryAfter: number | null;
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly json?: object;
  /** Milliseconds for the whole of it. */
  readonly timeout: number;
}

export type Http = (call: Call) => Promise<Reply>;

const SECOND = 1_000;
const CONNECT_TIMEOUT = 3 * SECOND;
/** A connection that has been idle for longer may be gone at the other end, which would look like an unknown outcome. */
const IDLE_CONNECTION = 4 * SECOND;
const LONGEST_BODY = 64 * 1_024;

/**
 * A client of the provider: one try, every status a value, no redirect followed (got would repeat the body elsewhere).
 *
 * @param baseUrl where the provider is
 * @param apiKey the enterprise key
 * @throws Silence `ProviderUnreached` or `ProviderOutcomeUnknown`, in our own words
 */
export function createHttp(baseUrl: string, apiKey: string): Http & { close(): void } {
  const secure = baseUrl.startsWith('https:');
  const options = { keepAlive: true, timeout: IDLE_CONNECTION };
  const agent = { http: new HttpAgent(options), https: new HttpsAgent(options) };
  const client = got.extend({
    prefixUrl: baseUrl,
    headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json', 'user-agent': 'onward' },
    agent,
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    responseType: 'text',
  });

  const http = async ({ method, path, json, timeout }: Call): Promise<Reply> => {
    const connect = Math.min(CONNECT_TIMEOUT, timeout);
    const phases = { lookup: connect, connect, secureConnect: connect, request: timeout };
    const request = client(path, { method, timeout: phases, ...(json === undefined ? {} : { json }) });
    void request.on('downloadProgress', ({ transferred }) => {
      if (transferred > LONGEST_BODY) request.cancel();
    });
    const { statusCode, headers, body } = await request.catch((error: unknown) => {
      throw silenceOf(error, secure);
    });
    return { status: statusCode, body: parse(body), retryAfter: wait(headers['retry-after']) };
  };
  return Object.assign(http, {
    close: () => {
      agent.http.destroy();
      agent.https.destroy();
    },
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const LONGEST_WAIT = 3_600 * SECOND;

/** `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). */
function wait(header: string | undefined): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const time = /^\d+$/.test(text) ? Number(text) * SECOND : date(text) - Date.now();
  return Number.isNaN(time) ? null : Math.min(Math.max(time, SECOND), LONGEST_WAIT);
}

/** Every form of an HTTP date begins with the day; `Date.parse` alone would take '-5' for one, too. */
function date(text: string): number {
  return /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : Number.NaN;
}

/** Before the connection stands nothing has arrived; from then on nobody knows, whatever the error is called. */
function silenceOf(error: unknown, secure: boolean): Silence {
  const { code, timings } = error instanceof RequestError ? error : {};
  const late = error instanceof TimeoutError;
  // Without timings there is no telling.
  const { connect, secureConnect } = timings ?? { connect: 0, secureConnect: 0 };
  if (connect === undefined) return new Silence('ProviderUnreached', `no connection ${cause(late, code)}`);
  if (secure && secureConnect === undefined) {
    return new Silence('ProviderUnreached', `no trusted connection ${cause(late, code)}`);
  }
  if (late) return new Silence('ProviderOutcomeUnknown', 'no reply in time');
  return new Silence('ProviderOutcomeUnknown', `the connection broke ${cause(late, code)}`);
}

function cause(late: boolean, code = 'no code'): string {
  return late ? 'in time' : `(${code})`;
}
