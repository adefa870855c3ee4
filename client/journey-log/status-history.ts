import type { CarriedUsage } from '../../workflows/journey/context.ts';
import { resultOf } from '../../workflows/journey/status/result.ts';
import { completePrefix } from '../../workflows/journey/stored/log.ts';
import type { TimelineItem } from '../../workflows/journey/status/timeline.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { startJourney } from '../../workflows/journey/transition.ts';
import type { Journey } from '../../workflows/journey/transition.ts';
import { isStart } from './record.ts';
import type { JourneyBeginning, StartEntry } from './record.ts';
import { applyEntry } from './run-record.ts';

/** A timeline item with the status after it; `null` if that is unknown. */
export interface StatusHistoryItem extends TimelineItem {
  readonly status: Status | null;
}

/**
 * Returns the status after each log entry by replaying the log on the state machine.
 *
 * A status is `null` if it is unknown: before the newest start, because an earlier journey may have had another policy;
 * after a gap in a very long log; and after an entry that the current state machine cannot apply.
 */
export function replayTimeline(log: readonly LogEntry[], from: JourneyBeginning): (Status | null)[] {
  if (from.isPresentPolicy === true && log.some(({ type }) => type === 'adoptPolicy')) return log.map(() => null);
  const newestStart = log.findLastIndex(isStart);
  const statuses: (Status | null)[] = [];
  let journey: Journey | undefined;
  for (const [index, entry] of log.slice(0, completePrefix(log)).entries()) {
    if (!isStart(entry)) journey = journey && nextJourney(journey, entry);
    else {
      const known = index === newestStart ? from.restarted?.carried : undefined;
      const carried = known ?? (journey && resultOf(journey).carried);
      journey = index === 0 || carried !== undefined ? startedJourney(entry, from, carried) : undefined;
    }
    statuses.push(journey === undefined || index < newestStart ? null : statusOf(journey));
  }
  return log.map((_, index) => statuses[index] ?? null);
}

/** A journey that was ended from outside carries nothing over to the one started after it; a superseded one always does. */
function startedJourney(
  entry: StartEntry,
  from: JourneyBeginning,
  carried: CarriedUsage | undefined,
): Journey | undefined {
  const { userId, accountType, policy } = from;
  const input = { userId, accountType, policy, at: entry.at };
  if (entry.type === 'started') return startJourney(input).journey;
  const { by, reason, supersedes } = entry;
  if (supersedes !== undefined && carried === undefined) return undefined;
  const restarted = { by, reason: reason ?? '', ...(carried && { carried }), ...(supersedes && { supersedes }) };
  return startJourney({ ...input, restarted }).journey;
}

function nextJourney(journey: Journey, entry: Exclude<LogEntry, StartEntry>): Journey | undefined {
  if (entry.type === 'unreadable') return undefined;
  const next = applyEntry(journey, entry).journey;
  // Every logged event has changed the journey, so an event without effect does not match this state machine. A delay may
  // have been fired by the entry before.
  return next === journey && !entry.type.startsWith('after.') ? undefined : next;
}
