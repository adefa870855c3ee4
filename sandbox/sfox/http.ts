import type { IncomingMessage, ServerResponse } from 'node:http';

/** A reply. `body` is sent as JSON, or unchanged if it is a string with another content type. */
export interface Reply {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** Sends half of the body. `cut-off` then closes the connection; `cut-short` ends the response. */
  cut?: 'cut-off' | 'cut-short';
}

/** A reply, or a connection reset before or after the work. */
export type Outcome = Reply | 'reset-before' | 'reset-after';

/** The fields of a JSON object, not validated yet. */
export type Fields = Record<string, unknown>;

/** The maximum length of a body in bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** Returns an error reply in the provider's format. */
export function refuse(status: number, error: string): Reply {
  return { status, body: { error } };
}

/**
 * Returns the body as text; `undefined` if it exceeds the limit. Reads and discards the rest, because a client that is still
 * writing would get a broken pipe instead of the 413.
 */
export async function readBody(req: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** Parses a body; `undefined` if it is not a JSON object. The content type is ignored: the provider's curl example has none. */
export function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether a value is an object, and not an array or `null`. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Decodes a segment of a path; `undefined` if its percent-encoding is invalid. */
export function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** Sends a reply, or resets the connection (RST, which the client reports as ECONNRESET). */
export function deliver(res: ServerResponse, outcome: Outcome): void {
  if (typeof outcome === 'string') {
    res.socket?.resetAndDestroy();
    return;
  }
  const headers = { 'content-type': 'application/json', ...outcome.headers };
  const asText = typeof outcome.body === 'string' && !headers['content-type'].includes('json');
  const body = asText ? String(outcome.body) : JSON.stringify(outcome.body);
  res.writeHead(outcome.status, headers);
  if (outcome.cut === undefined) return void res.end(body);
  const half = body.slice(0, Math.floor(body.length / 2));
  if (outcome.cut === 'cut-short') res.end(half);
  else res.write(half, () => res.socket?.destroy());
}
