import type { ReplyKind } from '../../activities/contract.ts';
import { MINUTE } from '../journey/policy/policy.ts';
import type { JourneyEventName } from '../journey/status/journey-events.ts';
import type { ProviderHealthState, AttemptCounts, EventCounts } from './contract.ts';
import { addCodes, countCodes, noCodes } from './code-counts.ts';
import { failingSince, mergeUsers } from './troubles.ts';

/** The number of minutes in the state, including the current one. */
export const MINUTES_KEPT = 15;

export const noAttempts: AttemptCounts = { sends: 0, replies: {} };
export const emptyHealth: ProviderHealthState = { minutes: [], lastGoodAt: null };

/** The minute of a time in milliseconds, both since 1970. */
export const minuteOf = (at: number) => Math.floor(at / MINUTE);

export function addCounts(a: AttemptCounts, b: AttemptCounts): AttemptCounts {
  const replies: { [K in ReplyKind]?: number } = { ...a.replies };
  for (const [kind, count] of Object.entries(b.replies) as [ReplyKind, number][]) {
    replies[kind] = (replies[kind] ?? 0) + count;
  }
  const users = mergeUsers(a.users, b.users);
  const durations = addDurations(a.durations, b.durations);
  const events = addEvents(a.events, b.events);
  const codes = a.codes === undefined ? b.codes : addCodes(a.codes, b.codes ?? noCodes);
  return {
    sends: a.sends + b.sends,
    replies,
    ...(users !== undefined && { users }),
    ...(codes !== undefined && { codes }),
    ...(durations.length > 0 && { durations }),
    ...(Object.keys(events).length > 0 && { events }),
  };
}

/** Adds the durations of two sets of requests. */
function addDurations(a: readonly number[] = [], b: readonly number[] = []): readonly number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, nth) => (a[nth] ?? 0) + (b[nth] ?? 0));
}

/** Adds the events of two reports. */
function addEvents(a: EventCounts = {}, b: EventCounts = {}): EventCounts {
  const sum: { [E in JourneyEventName]?: number } = { ...a };
  for (const [name, count] of Object.entries(b) as [JourneyEventName, number][]) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Adds a worker's report and removes minutes that are too old. */
export function recordAttempts(health: ProviderHealthState, tries: AttemptCounts, at: number): ProviderHealthState {
  // After a clock was set back, reports count for the newest minute.
  const minute = Math.max(minuteOf(at), health.minutes.at(-1)?.minute ?? 0);
  const others = health.minutes.filter((each) => each.minute > minute - MINUTES_KEPT && each.minute !== minute);
  const soFar = health.minutes.find((each) => each.minute === minute) ?? noAttempts;
  const minutes = [...others, { minute, ...addCounts(soFar, ofMinute(tries)) }];
  return {
    minutes,
    ...((tries.codes ?? health.codes) !== undefined && { codes: countCodes(health.codes, tries.codes ?? noCodes, at) }),
    lastGoodAt: isProviderAnswer(tries) ? at : health.lastGoodAt,
    // Failures from before 15 minutes without reports belong to another outage.
    failingSince: failingSince(minutes, others.length > 0 || soFar !== noAttempts ? health.failingSince : undefined),
  };
}

/** Codes, durations and events are counted by hour or day, not by minute. */
function ofMinute({ sends, replies, users }: AttemptCounts): AttemptCounts {
  return { sends, replies, ...(users !== undefined && { users }) };
}

function isProviderAnswer({ replies }: AttemptCounts): boolean {
  return (replies['2xx'] ?? 0) + (replies.already_verified ?? 0) + (replies.unknown_record ?? 0) > 0;
}
