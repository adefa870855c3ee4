/**
 * Formats times for people, in the CLI and the console: `2026-10-25 02:30:00 UTC+01:00 (3 h 12 min ago)`. It imports nothing,
 * since browsers load it too. Programs get RFC 3339 in UTC instead.
 */

export interface TimeOptions {
  /** An IANA name such as `Europe/Berlin`; without it, the zone of the process or the browser. */
  readonly timeZone?: string | undefined;
  /** In milliseconds since 1970; without it, the present. */
  readonly now?: number | undefined;
}

/**
 * Formats a time with its date, its offset from UTC and its age.
 *
 * @param at RFC 3339
 */
export function formatTime(at: string, options: TimeOptions = {}): string {
  return `${formatInstant(at, options)} (${formatAge(at, options)})`;
}

/** Formats a time with its date and its offset from UTC, which distinguishes the hours that a change of clocks repeats. */
export function formatInstant(at: string, { timeZone }: TimeOptions = {}): string {
  const { year, month, day, hour, minute, second, timeZoneName } = Object.fromEntries(
    formatterOf(timeZone)
      .formatToParts(new Date(at))
      .map(({ type, value }) => [type, value]),
  );
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName?.replace(/^GMT(\+00:00)?/, 'UTC')}`;
}

/** Formats how long ago a time was, or in how long it will be: `3 h 12 min ago`, `in 30 s`. */
export function formatAge(at: string, { now = Date.now() }: TimeOptions = {}): string {
  const elapsed = now - Date.parse(at);
  if (Math.abs(elapsed) < 500) return 'now';
  return elapsed > 0 ? `${formatDuration(elapsed)} ago` : `in ${formatDuration(-elapsed)}`;
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** Formats a duration in milliseconds in its two largest units: `3 h 12 min`. */
export function formatDuration(milliseconds: number): string {
  let left = Math.max(0, Math.round(milliseconds / 1_000));
  const first = units.findIndex(([, size]) => left >= size);
  if (first === -1) return '0 s';
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ');
}

/** Formats the RFC 3339 times in UTC within a text for people, such as the detail of a problem. */
export function formatTimesIn(text: string, options: TimeOptions = {}): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b/g, (at) => formatTime(at, options));
}

const formatters = new Map<string | undefined, Intl.DateTimeFormat>();

/** Formatters are cached: creating one takes longer than using it a thousand times. */
function formatterOf(timeZone: string | undefined): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
    timeZone,
  });
  formatters.set(timeZone, formatter);
  return formatter;
}
