import { BadRequest } from '../../errors.ts';
import type { EventRules } from '../../config/policy-file.ts';
import { MAX_USER_ID_LENGTH, explainInvalidUserId } from '../../validation.ts';

/** Reads values of a sign-up event by JSON pointers: text, user ids and times. */

/** Returns the value at a JSON pointer (RFC 6901); `undefined` if there is none. */
export function valueAt(event: unknown, pointer: string): unknown {
  const names = pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((value, name) => {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, name);
    return has ? (value as Record<string, unknown>)[name] : undefined;
  }, event);
}

/**
 * Returns a string unchanged and an integer as decimal text. Integers from 2^53 on are rejected: JSON numbers lose digits
 * there, so two different ids could become the same.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined;
}

/**
 * Returns the user id of an event. One pointer: the value unchanged. A list of pointers: the encoded values, joined by `:`.
 *
 * @throws BadRequest naming the pointer
 */
export function userIdAt(event: unknown, { userId: pointers }: EventRules): string {
  if (typeof pointers === 'string') return plainId(event, pointers);
  const id = pointers.map((pointer) => encodeIdPart(idPart(event, pointer))).join(':');
  if (id.length <= MAX_USER_ID_LENGTH) return id;
  const right = `an encoded user id has at most ${MAX_USER_ID_LENGTH} characters; this one has ${id.length}`;
  throw wrong(pointers.join(', '), right);
}

/**
 * Encodes a value as a part of a user id, as in a URL but with `.` instead of `%`: each byte of its UTF-8 that is not a
 * letter, digit, `-` or `_` becomes `.` and two hexadecimal digits. Since `.` and `:` are encoded too, different parts
 * never give the same id.
 */
export function encodeIdPart(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `.${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

function plainId(event: unknown, pointer: string): string {
  const id = textOf(valueAt(event, pointer));
  if (id === undefined) throw wrong(pointer, 'holds the user id, a string or an integer below 2^53');
  const problem = explainInvalidUserId(id);
  if (problem === undefined) return id;
  const isEncodable = id !== '' && !id.includes('@') && id.length <= MAX_USER_ID_LENGTH;
  const advice = isEncodable ? `; a list in the policy encodes it: events.userId: [${pointer}]` : '';
  throw wrong(pointer, `holds the user id: ${problem}${advice}`);
}

function idPart(event: unknown, pointer: string): string {
  const part = textOf(valueAt(event, pointer));
  if (part === undefined || part === '') {
    throw wrong(pointer, 'must be a part of the user id: a string, or an integer below 2^53');
  }
  if (part.includes('@')) throw wrong(pointer, 'must be a part of the user id, not an e-mail address');
  // A lone surrogate has no UTF-8 encoding: all of them would be encoded alike.
  if (/\p{Cs}/u.test(part)) throw wrong(pointer, 'must be a part of the user id in valid Unicode');
  return part;
}

/** Numbers below are seconds since 1970, up to the year 5138; those above are milliseconds, since 1973. */
const MILLISECONDS_FROM = 1e11;
/** The same year in milliseconds. Larger numbers are microseconds or not times. */
const MILLISECONDS_BELOW = 1e14;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * Returns the time of an event in milliseconds since 1970; `null` if it has none.
 *
 * @throws BadRequest naming the pointer
 */
export function timeAt(event: unknown, pointer: string): number | null {
  const value = valueAt(event, pointer);
  if (value === undefined || value === null) return null;
  const time = typeof value === 'string' && RFC_3339.test(value) ? Date.parse(value) : fromNumber(value);
  if (Number.isFinite(time)) return time;
  throw wrong(pointer, 'must be a time: RFC 3339 such as 2026-01-31T09:30:00Z, or seconds or milliseconds since 1970');
}

function fromNumber(value: unknown): number {
  const isNumericText = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value);
  const number = isNumericText ? Number(value) : value;
  if (typeof number !== 'number' || !(number >= 0 && number < MILLISECONDS_BELOW)) return Number.NaN;
  return number < MILLISECONDS_FROM ? number * 1_000 : number;
}

const wrong = (pointer: string, right: string) => new BadRequest(pointer, `${pointer} ${right}`);
