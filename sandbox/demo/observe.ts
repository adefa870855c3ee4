import { setTimeout as pause } from 'node:timers/promises';
import { NotFound, Unavailable } from '../../client/errors.ts';
import type { Onward } from '../../client/onward.ts';
import type { TimelineItem } from '../../workflows/journey/status/timeline.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import type { Scenario } from './scenarios.ts';

/** The last known state of a scenario's user. */
export interface ObservedUser {
  readonly story: Scenario;
  readonly userId: string;
  readonly status: Status | null;
  readonly happened: readonly TimelineItem[];
}

const POLL_INTERVAL_MS = 250;

/** Polls a user's journey through the public API until it has ended or `over` is aborted. Calls `seen` for each change. */
export async function watch(
  onward: Onward,
  sight: ObservedUser,
  over: AbortSignal,
  seen: (sight: ObservedUser) => void,
): Promise<void> {
  let last = sight;
  while (!over.aborted && (last.status === null || !hasEnded(last.status))) {
    const next = await refresh(onward, last);
    if (next !== last) seen(next);
    last = next;
    await pause(POLL_INTERVAL_MS);
  }
}

/** Reads the status once. Returns the same object if it has not changed or is unavailable. */
async function refresh(onward: Onward, sight: ObservedUser): Promise<ObservedUser> {
  try {
    const status = await onward.status(sight.userId);
    if (status.revision === null || status.revision === sight.status?.revision) return sight;
    const happened = await onward.timeline(sight.userId);
    const { revision } = await onward.status(sight.userId);
    // If the journey changed between the reads, the status and the timeline do not match.
    return revision === status.revision ? { ...sight, status, happened } : await refresh(onward, sight);
  } catch (error) {
    if (error instanceof NotFound || error instanceof Unavailable) return sight;
    throw error;
  }
}

function hasEnded({ state }: Status): boolean {
  return state === 'done' || state === 'expired' || state === 'cancelled';
}
