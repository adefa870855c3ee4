import { problemIn, unreachable } from './problem.ts';
import type { CommandOptions } from './types.ts';

/** One request, as a door wants it. */
export interface Knock extends CommandOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: object | undefined;
  readonly body?: object | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Where {
  readonly url: string;
  readonly token: string;
  readonly fetch: typeof fetch;
}

/**
 * Asks a door.
 *
 * @throws Problem what it was refused for, or that nobody answers
 */
export async function knock({ url, token, fetch }: Where, request: Knock): Promise<Response> {
  const { method, path, query, body, headers, idempotencyKey, signal } = request;
  const response = await fetch(`${url}${path}${queryOf(query)}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, application/problem+json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    throw signal?.aborted === true ? error : unreachable(url, error);
  });
  if (!response.ok) throw await problemIn(response);
  return response;
}

function queryOf(query: object = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}
