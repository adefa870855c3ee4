import type { temporal } from '@temporalio/proto';

/** Converts the time of an event of a history to milliseconds since 1970. */
export function millisecondsOf(time: temporal.api.history.v1.IHistoryEvent['eventTime']): number {
  return Number(time?.seconds) * 1_000 + Math.floor((time?.nanos ?? 0) / 1_000_000);
}
