import { isDeepStrictEqual } from 'node:util';
import type { DelayName } from '../../workflows/journey/events.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { positionOf } from '../../workflows/journey/status/status.ts';
import { applyEvent, fireDueTimers, startJourney } from '../../workflows/journey/transition.ts';
import type { Journey, Step } from '../../workflows/journey/transition.ts';
import { LogIncomplete } from '../errors.ts';
import type { JourneyRecord, StartEntry } from './record.ts';

/** The machine does not accept an entry. `entry` is its position, the first one is 1. */
export class EntryRejected extends LogIncomplete {
  readonly entry: number;

  constructor(entry: number, why: string) {
    super(`entry ${entry}: ${why}`);
    this.entry = entry;
  }
}

type ElapsedEntry = Extract<LogEntry, { readonly type: `after.${DelayName}` }>;

export const isElapsed = (entry: LogEntry): entry is ElapsedEntry => entry.type.startsWith('after.');

/** An entry that is an event of the machine. */
export type EventEntry = Exclude<LogEntry, StartEntry | { readonly type: 'unreadable' }>;

/**
 * Applies an entry to a journey: an entry is the event itself, without the code, which the machine never reads. An entry
 * without effect returns the same journey.
 */
export function applyEntry(journey: Journey, entry: EventEntry): Step {
  // Delays that come due together have one entry each; the first fires all of them.
  if (isElapsed(entry)) return fireDueTimers(journey, entry.at);
  return applyEvent(journey, entry.type === 'submitCode' ? { ...entry, code: '' } : entry);
}

/**
 * Runs a record through the machine, and yields the step of each entry. The machine must write the same log again.
 *
 * @throws EntryRejected at the first entry that it does not
 */
export function* runRecord({ start, entries }: JourneyRecord): Generator<Step, void, undefined> {
  let step = startJourney(start);
  for (const [index, entry] of entries.entries()) {
    if (index >= step.journey.log.length) step = advance(step.journey, entry, index + 1);
    else if (index > 0) step = { journey: step.journey, effects: [] };
    const written = step.journey.log[index];
    if (!isDeepStrictEqual(written, entry)) {
      throw new EntryRejected(index + 1, `the machine writes ${JSON.stringify(written)}, not ${JSON.stringify(entry)}`);
    }
    yield step;
  }
}

function advance(journey: Journey, entry: LogEntry, number: number): Step {
  if (entry.type === 'unreadable') throw new EntryRejected(number, `'${entry.of}' is an entry of another release`);
  if (entry.type === 'started' || entry.type === 'restarted') {
    throw new EntryRejected(number, 'a journey starts only once');
  }
  const next = applyEntry(journey, entry);
  if (next.journey !== journey) return next;
  const { state, step } = positionOf(journey.snapshot);
  throw new EntryRejected(number, `${entry.type} has no effect in ${step === null ? state : `${state}.${step}`}`);
}
