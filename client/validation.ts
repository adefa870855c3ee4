import { BadRequest } from './errors.ts';

export const MAX_USER_ID_LENGTH = 128;
const USER_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The pattern of a UUID in lower case, as `randomUUID` makes it. */
export const UUID_PATTERN = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const UUID = new RegExp(`^${UUID_PATTERN}$`);
export const isUuid = (text: string): boolean => UUID.test(text);

/** Whether user ids that differ only in case belong to two users or to one. */
export const userIdRules = ['caseSensitive', 'folded'] as const;
export type UserIdRule = (typeof userIdRules)[number];

/** Returns the user id as workflow ids contain it: in lower case under `folded`, otherwise unchanged. */
export function normalizeUserId(userId: string, rule: UserIdRule): string {
  return rule === 'folded' ? userId.toLowerCase() : userId;
}

/** Explains why a user id, which the partner shares with sFOX, is invalid and what is valid; `undefined` if it is valid. */
export function explainInvalidUserId(userId: string): string | undefined {
  if (userId.includes('@')) return "a user id must not be an e-mail address: pass your own id of the user, without '@'";
  // As a URL path segment, both would resolve to another path.
  if (USER_ID.test(userId) && userId !== '.' && userId !== '..') return undefined;
  return 'a user id must have 1 to 128 characters: letters, digits and . _ : -, and must not be . or ..';
}

/** @throws BadRequest that says what is valid */
export function checkUserIdPrefix(prefix: string): void {
  if (USER_ID.test(prefix)) return;
  const valid = 'the beginning of a user id has 1 to 128 characters: letters, digits and . _ : -';
  throw new BadRequest('userIdPrefix', `${valid}; got ${JSON.stringify(prefix)}`);
}

/** @throws BadRequest that says what is valid */
export function checkUserId(userId: string): void {
  const wrong = explainInvalidUserId(userId);
  if (wrong !== undefined) throw new BadRequest('userId', wrong);
}

/** Whether a value is an object or an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
