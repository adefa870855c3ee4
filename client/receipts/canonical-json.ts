/**
 * Serializes plain JSON in one way only (RFC 8785): without spaces, the members of objects sorted by name. Members that are
 * `undefined` are left out.
 */
export function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (isObject(each) ? sorted(each) : each));
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compares UTF-16 code units, as the RFC requires. */
const sorted = (object: object) => Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
