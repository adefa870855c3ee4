import { Problem, problemIn, unexpectedResponse, unreachable } from './problem.ts';
import type { CommandOptions } from './types.ts';

/** One request to a route. */
export interface RequestOptions extends CommandOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: object | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Endpoint {
  readonly url: string;
  readonly token?: string | undefined;
  readonly fetch: typeof fetch;
}

/**
 * Sends a request.
 *
 * @returns a response with a success status
 * @throws Problem if the request was refused or no response arrived
 */
export async function sendRequest(endpoint: Endpoint, request: RequestOptions): Promise<Response> {
  const { url } = endpoint;
  const { method, path, query, body, signal } = request;
  const headers = headersOf(endpoint, request);
  const response = await untilAborted(signal, async () => {
    try {
      return await endpoint.fetch(`${url}${path}${queryOf(query)}`, {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      throw unreachable(url, error);
    }
  });
  if (!response.ok) throw await untilAborted(signal, () => problemIn(response));
  return response;
}

/**
 * Sends a request and parses the response as JSON.
 *
 * @param members members that the response must have, because another service at the same URL may also return JSON
 * @throws Problem if the request was refused, no complete response arrived, or something other than Onward responded
 */
export async function requestJson<T>(
  endpoint: Endpoint,
  request: RequestOptions,
  members: readonly (keyof NoInfer<T>)[],
): Promise<T> {
  const response = await sendRequest(endpoint, request);
  return parseJson<T>(response, await readText(endpoint, request, response), members);
}

/**
 * Sends a request and returns the response as plain text.
 *
 * @throws Problem as `requestJson` does; `unexpected_response` if the response is not `text/plain`
 */
export async function requestText(endpoint: Endpoint, request: RequestOptions): Promise<string> {
  const response = await sendRequest(endpoint, { ...request, headers: { accept: 'text/plain', ...request.headers } });
  const type = response.headers.get('content-type') ?? 'no content type';
  if (!type.startsWith('text/plain')) throw unexpectedResponse(response, `whose body is not plain text (${type})`);
  return readText(endpoint, request, response);
}

/**
 * Sends a request and yields the response in pieces of text, as they arrive.
 *
 * @throws Problem as `requestJson` does; `unexpected_response` if the response is not of the media type
 */
export async function* streamText(
  endpoint: Endpoint,
  request: RequestOptions,
  mediaType: string,
): AsyncGenerator<string, void, undefined> {
  const response = await sendRequest(endpoint, { ...request, headers: { accept: mediaType, ...request.headers } });
  const type = response.headers.get('content-type') ?? 'no content type';
  if (!type.startsWith(mediaType)) throw unexpectedResponse(response, `whose body is not ${mediaType} (${type})`);
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { value, done } = await untilAborted(request.signal, () => readNext(endpoint, reader));
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function readNext({ url }: Endpoint, reader: ReadableStreamDefaultReader<string>) {
  try {
    return await reader.read();
  } catch (error) {
    throw unreachable(url, error, 'the connection broke before the response was complete, from');
  }
}

function readText({ url }: Endpoint, { signal }: RequestOptions, response: Response): Promise<string> {
  return untilAborted(signal, async () => {
    try {
      return await response.text();
    } catch (error) {
      throw unreachable(url, error, 'the connection broke before the response was complete, from');
    }
  });
}

/**
 * Parses a response body.
 *
 * @throws Problem `unexpected_response` if it is not JSON or lacks one of the members
 */
export function parseJson<T>(response: Response, text: string, members: readonly (keyof NoInfer<T>)[]): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const type = response.headers.get('content-type') ?? 'no content type';
    throw unexpectedResponse(response, `whose body is not JSON (${type})`, { cause });
  }
  const isObject = typeof value === 'object' && value !== null;
  const missing = members.filter((name) => !isObject || !Object.hasOwn(Object(value), name));
  if (missing.length > 0) throw unexpectedResponse(response, `whose JSON has no '${missing.map(String).join("', '")}'`);
  return value as T;
}

/** Rethrows an abort by the caller unchanged, because it is not an error of the gateway. */
async function untilAborted<T>(signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

function headersOf({ token }: Endpoint, { body, headers, idempotencyKey, ifRevision }: RequestOptions): Headers {
  // Rejected here, because the error of `fetch` would contain the token.
  for (const [field, value = ''] of Object.entries({ token, idempotencyKey })) {
    if (/^[\t\u0020-\u007E\u0080-\u00FF]*$/.test(value)) continue;
    const detail = `${field} must contain only characters that an HTTP header allows`;
    throw new Problem(400, { code: 'bad_request', field, detail }, null);
  }
  return new Headers({
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    accept: 'application/json, application/problem+json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(ifRevision !== undefined && { 'if-match': `"${ifRevision}"` }),
    ...headers,
  });
}

/** Builds a query string from the fields that are defined. */
export function queryOf(query: object = {}): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return '';
  return `?${new URLSearchParams(entries.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
