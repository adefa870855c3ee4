import type { JourneyInput } from '../../workflows/journey/context.ts';
import { completePrefix } from '../../workflows/journey/stored/log.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { LogIncomplete } from '../errors.ts';

/** The input of a journey that never changes, as far as the machine decides by it; `restarted` is absent if it is not stored any more. */
export type JourneyBeginning = Omit<JourneyInput, 'at' | 'provider'> & {
  /** The policy is the current one, since the policy with which the journey started is not stored any more. */
  readonly isPresentPolicy?: true;
};

/** A journey from its newest start on: how it began, and everything that has happened since. Complete, and free of Temporal. */
export interface JourneyRecord {
  readonly start: JourneyInput;
  /** The first entry is the start. */
  readonly entries: readonly LogEntry[];
}

export type StartEntry = Extract<LogEntry, { readonly type: 'started' | 'restarted' }>;

export const isStart = (entry: LogEntry | undefined): entry is StartEntry =>
  entry?.type === 'started' || entry?.type === 'restarted';

/**
 * Returns the record of a journey.
 *
 * @param log the whole log, which a restarted journey shares with the ones before it
 * @throws LogIncomplete if the log does not say everything that has happened since the newest start
 */
export function recordOf(
  log: readonly LogEntry[],
  { restarted, isPresentPolicy, ...beginning }: JourneyBeginning,
): JourneyRecord {
  const first = log.findLastIndex(isStart);
  const start = log[first];
  if (!isStart(start)) throw new LogIncomplete('the journey was terminated and left no log');
  const complete = completePrefix(log);
  if (log.length > complete) {
    throw new LogIncomplete(`the log of this journey is complete only up to entry ${complete} of ${log.length}`);
  }
  if (isPresentPolicy === true && log.slice(first).some(({ type }) => type === 'adoptPolicy')) {
    throw new LogIncomplete('the policy with which this journey began is not stored any more');
  }
  if (start.type === 'started') return { start: { ...beginning, at: start.at }, entries: log.slice(first) };
  if (restarted === undefined) {
    throw new LogIncomplete('the counters that this restarted journey inherited are no longer stored');
  }
  // The entries of earlier journeys are not part of the record.
  const carried = restarted.carried && { carried: { ...restarted.carried, log: [] } };
  return { start: { ...beginning, at: start.at, restarted: { ...restarted, ...carried } }, entries: log.slice(first) };
}
