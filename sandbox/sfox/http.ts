import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is sent back: `body` as JSON, or as it is when it is a text of another content type. */
export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A reply, or a connection that is reset: before the work, or after it. */
export type Outcome = Reply | 'reset-before' | 'reset-after';

/** The fields of a JSON object as they came: nothing about them is known yet. */
export type Fields = Record<string, unknown>;

/** The longest body taken, in bytes. */
export const BODY_LIMIT = 64 * 1024;

/** Gives a reply in the provider's form of an error. */
export function refuse(status: number, error: string): Reply {
  return { status, body: { error } };
}

/**
 * Gives the body as text, or `undefined` when it is over the limit. The rest is read and dropped, because a client
 * that is still writing would meet a broken pipe in place of the 413.
 */
export async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  return size <= BODY_LIMIT ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** Takes a body, gives its fields, or `undefined` when it is no JSON object. The content type is not asked for: the provider's own curl example sends none. */
export function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether a value is an object with fields (no list, not null). */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Takes a part of a path, gives it decoded, or `undefined` when its percent signs make no sense. */
export function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** Sends a reply, or resets the connection (RST, which the client sees as ECONNRESET). */
export function deliver(res: ServerResponse, outcome: Outcome): void {
  if (typeof outcome === 'string') {
    res.socket?.resetAndDestroy();
    return;
  }
  const headers = { 'content-type': 'application/json', ...outcome.headers };
  const asText = typeof outcome.body === 'string' && !headers['content-type'].includes('json');
  res.writeHead(outcome.status, headers).end(asText ? outcome.body : JSON.stringify(outcome.body));
}
