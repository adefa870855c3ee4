import { DAY, MINUTE } from '../policy/policy.ts';
import type { QuietHours, ZoneOffset } from '../policy/policy.ts';

/** The end of the quiet hours that include this time; the time itself if none do. Milliseconds since 1970. */
export function quietHoursEnd(quietHours: QuietHours, at: number): number {
  const { from, to } = quietHours;
  const offset = offsetAt(quietHours, at);
  const local = minuteOfDay(at, offset);
  const isQuiet = from < to ? from <= local && local < to : from <= local || local < to;
  if (!isQuiet) return at;
  const localNow = at + offset.minutes * MINUTE;
  const localEnd = localNow - (localNow % MINUTE) + ((to - local + MINUTES_A_DAY) % MINUTES_A_DAY) * MINUTE;
  const end = localEnd - offset.minutes * MINUTE;
  const next = offsetAt(quietHours, end);
  if (next === offset) return end;
  // The clocks change before the end. A local time that they skip ends with the change.
  return Math.max(localEnd - next.minutes * MINUTE, next.from);
}

const MINUTES_A_DAY = DAY / MINUTE;

function offsetAt({ offsets }: QuietHours, at: number): ZoneOffset {
  return offsets.findLast(({ from }) => from <= at) ?? offsets[0];
}

function minuteOfDay(at: number, { minutes }: ZoneOffset): number {
  return Math.floor((at + minutes * MINUTE) / MINUTE) % MINUTES_A_DAY;
}
