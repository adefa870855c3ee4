import { isDeepStrictEqual } from 'node:util';
import { channels } from '../channels.ts';
import type { Channel } from '../channels.ts';

/** The user and the channel of a request. */
export interface Subject {
  readonly userId: string;
  /** `null` if the request is about the user as a whole. */
  readonly channel: Channel | null;
}

type Fields = Readonly<Record<string, unknown>>;

const CHANNEL_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(channels).flatMap(([channel, { names }]) => names.map((name) => [name, channel])),
);

/**
 * Why a reply cannot be the reply to this request; `undefined` if it can. A proxy that mixes connections up, or a cache,
 * may return the reply to another user's request, which would verify the wrong person.
 */
export function mismatchOf(body: unknown, status: number, { userId, channel }: Subject): string | undefined {
  const parts = partsOf(body);
  for (const { user_id: id, type } of parts) {
    if (isNamed(id) && String(id) !== userId) return 'the reply names another user';
    const named = typeof type === 'string' ? CHANNEL_NAMES.get(type.toLowerCase()) : undefined;
    if (channel !== null && named !== undefined && named !== channel) return 'the reply names another channel';
  }
  if (status >= 200 && status < 300 && hasError(parts[0])) return 'the reply is a success with an error field';
  return undefined;
}

/** Where a reply may name its user and channel: at its top, in its `data`, and in its `error`. */
function partsOf(body: unknown): Fields[] {
  if (!isFields(body)) return [];
  return [body, body['data'], body['error']].filter(isFields);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isNamed = (id: unknown): id is string | number => typeof id === 'string' || typeof id === 'number';

const EMPTY: readonly unknown[] = [undefined, null, false, '', [], {}];

function hasError(body: Fields | undefined): boolean {
  const isEmpty = (value: unknown) => EMPTY.some((empty) => isDeepStrictEqual(value, empty));
  return body !== undefined && !(isEmpty(body['error']) && isEmpty(body['errors']));
}
