const SECOND = 1_000;

/**
 * Reads a `Retry-After` header: a number of seconds, or a date (RFC 9110, 10.2.3).
 *
 * @param longest the longest wait to return, in milliseconds
 * @returns milliseconds from now, at least a second; `null` if the header is missing or cannot be read
 */
export function parseRetryAfter(header: string | undefined, longest: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const time = /^\d+$/.test(text) ? Number(text) * SECOND : parseDate(text) - Date.now();
  return Number.isNaN(time) ? null : Math.min(Math.max(time, SECOND), longest);
}

/** Every form of an HTTP date begins with the day; `Date.parse` would also accept '-5'. */
function parseDate(text: string): number {
  return /^(mon|tue|wed|thu|fri|sat|sun)/i.test(text) ? Date.parse(text) : Number.NaN;
}
