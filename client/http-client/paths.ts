import { explainInvalidUserId } from '../validation.ts';
import { Problem } from './problem.ts';

/** Paths of the gateway's API. */

/** Validated here because `.` and `..` in a URL resolve to another path. */
export function ofUser(userId: string): string {
  const detail = explainInvalidUserId(userId);
  if (detail !== undefined) throw new Problem(400, { code: 'bad_request', field: 'userId', detail }, null);
  return `/v1/users/${encodeURIComponent(userId)}`;
}

export const of = (userId: string, rest = '') => `${ofUser(userId)}/onboarding${rest}`;

export const ofUserNotes = (userId: string, id?: string) =>
  `${ofUser(userId)}/notes${id === undefined ? '' : `/${segment(id)}`}`;

export const ofOperation = (id: string, rest = '') => `/v1/operations/${segment(id)}${rest}`;

export const ofReconciliation = (id: string, rest = '') => `/v1/reconciliations/${segment(id)}${rest}`;

export const ofWhatIf = (id: string, rest = '') => `/v1/what-ifs/${segment(id)}${rest}`;

/** Encodes an id as a path segment: `.` and `..` would mean another path, and half a surrogate pair cannot be encoded. */
export function segment(id: string): string {
  if (id !== '' && id !== '.' && id !== '..' && !/\p{Surrogate}/u.test(id)) return encodeURIComponent(id);
  const detail = `id must be an id that Onward has returned; got ${JSON.stringify(id)}`;
  throw new Problem(400, { code: 'bad_request', field: 'id', detail }, null);
}
