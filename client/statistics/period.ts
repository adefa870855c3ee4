import { BadRequest } from '../errors.ts';

/** The spans of statistics, in UTC. */

export const resolutions = ['hour', 'day'] as const;
export type Resolution = (typeof resolutions)[number];

/** A time span in milliseconds since 1970: `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Period extends Span {
  readonly resolution: Resolution;
  /** The spans of the points, the oldest first. */
  readonly spans: readonly Span[];
}

export interface PeriodRequest {
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly resolution?: Resolution | undefined;
}

const HOUR = 3_600_000;

/** The length of a point, the number of points unless a period is given, and the most that one request may have. */
const sizes: {
  readonly [R in Resolution]: { readonly length: number; readonly points: number; readonly most: number };
} = {
  hour: { length: HOUR, points: 24, most: 7 * 24 },
  day: { length: 24 * HOUR, points: 30, most: 31 },
};

/**
 * Returns the period of a request, widened to whole hours or days in UTC. Unless given, it ends with the current hour or day and has 24
 * hours or 30 days.
 *
 * @throws BadRequest
 */
export function periodOf({ from, to, resolution = 'hour' }: PeriodRequest, now: number): Period {
  const { length, points, most } = sizes[resolution];
  const end = Math.ceil(timeOf('to', to, now) / length) * length;
  const start = Math.floor(timeOf('from', from, end - points * length) / length) * length;
  const count = (end - start) / length;
  if (count < 1) throw new BadRequest('from', `'from' must be before 'to'; got ${format(start)} and ${format(end)}`);
  if (count > most) {
    throw new BadRequest('from', `a period has at most ${most} points by ${resolution}; this one has ${count}`);
  }
  const spans = Array.from({ length: count }, (_, nth) => ({
    from: start + nth * length,
    to: start + (nth + 1) * length,
  }));
  return { from: start, to: end, resolution, spans };
}

/** Returns the span of the same length before a period. */
export function spanBefore({ from, to }: Span): Span {
  return { from: from - (to - from), to: from };
}

function timeOf(field: string, given: string | undefined, otherwise: number): number {
  const at = given === undefined ? otherwise : Date.parse(given);
  if (Number.isNaN(at)) throw new BadRequest(field, `'${field}' must be an RFC 3339 time; got '${given}'`);
  return at;
}

const format = (at: number) => new Date(at).toISOString();
