import { DAY, HOUR } from '../journey/policy/policy.ts';
import type { AttemptCounts, HourCounts } from './contract.ts';
import { addCounts, noAttempts } from './counters.ts';

/** How long an hour is stored. */
export const HOURS_KEPT_MS = 30 * DAY;
const HOURS_KEPT = HOURS_KEPT_MS / HOUR;

/** The hour of a time in milliseconds, both since 1970. */
export const hourOf = (at: number) => Math.floor(at / HOUR);

/** Adds a worker's report to its hour and removes hours that are too old. */
export function recordHour(hours: readonly HourCounts[], counts: AttemptCounts, at: number): readonly HourCounts[] {
  // After a clock was set back, reports count for the newest hour.
  const hour = Math.max(hourOf(at), hours.at(-1)?.hour ?? 0);
  const others = hours.filter((each) => each.hour > hour - HOURS_KEPT && each.hour !== hour);
  const soFar = hours.find((each) => each.hour === hour) ?? noAttempts;
  const { sends, replies, durations, events } = addCounts(soFar, counts);
  const sum = { hour, sends, replies, ...(durations && { durations }), ...(events && { events }) };
  return [...others, sum];
}
