import type { Channel } from '../../../activities/contract.ts';
import type { Actor } from '../actor.ts';
import type { Supersession } from '../commands.ts';
import type { Command, DelayName } from '../events.ts';
import type { Reply } from '../replies.ts';

/** Omits from each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

interface StartEntry {
  readonly type: 'started';
  readonly at: number;
}

interface RestartEntry {
  readonly type: 'restarted';
  readonly at: number;
  readonly by: Actor;
  readonly reason: string | null;
  /** The user id whose journey this one supersedes. */
  readonly supersedes?: string;
}

/** A delay of the machine that elapsed. */
interface DelayEntry {
  readonly type: `after.${DelayName}`;
  readonly at: number;
}

/** An entry of another release that this one cannot read. It still says who did it. */
interface UnreadableEntry {
  readonly type: 'unreadable';
  readonly at: number;
  /** The type that the entry has. */
  readonly of: string;
  readonly by?: Actor;
  readonly reason?: string | null;
}

/** An event as the log has it: without the verification code. */
export type LoggedEvent =
  StartEntry | RestartEntry | DistributiveOmit<Command, 'code'> | Reply | DelayEntry | UnreadableEntry;

/** One thing that happened to a journey: the event itself. */
export type LogEntry = LoggedEvent & {
  /** The channel of the event, or the one that was current. */
  readonly channel: Channel | null;
  /** Whether the send that was due is offered at the next visit. */
  readonly offered?: true;
  /** Set if a full log has merged identical entries into this one: their count and the time of the first. */
  readonly repeats?: { readonly times: number; readonly since: number };
};

/** A full log retains the first and the newest entries. Only years of provider outages reach this limit. */
const MAX_ENTRIES = 500;
const MAX_FIRST_ENTRIES = 50;

/**
 * Appends an entry. A full log removes the oldest entry after its first `MAX_FIRST_ENTRIES`, merging it into the next
 * identical entry if there is one. Entries of operators are never dropped, only merged, so only they can exceed the limit.
 */
export function appendEntry(log: readonly LogEntry[], entry: LogEntry): readonly LogEntry[] {
  const longer = [...log, entry];
  if (log.length < MAX_ENTRIES) return longer;
  const nextSame = nextSameEntries(longer);
  for (const [index, oldest] of log.entries()) {
    if (index < MAX_FIRST_ENTRIES) continue;
    const sameIndex = nextSame[index] ?? -1;
    const same = longer[sameIndex];
    if (same !== undefined) longer[sameIndex] = merge(oldest, same);
    else if (isByOperator(oldest)) continue;
    longer.splice(index, 1);
    return longer;
  }
  return longer;
}

/** A cancellation through Temporal also comes from an operator. */
function isByOperator(entry: LogEntry): boolean {
  const role = 'by' in entry ? entry.by?.role : undefined;
  return role === 'operator' || role === 'temporal';
}

/** Returns for each entry the index of the next one that differs from it in its times at most. */
function nextSameEntries(entries: readonly LogEntry[]): (number | undefined)[] {
  const seen = new Map<string, number>();
  const next = entries.toReversed().map((entry, index) => {
    const content = contentOf(entry);
    const same = seen.get(content);
    seen.set(content, entries.length - 1 - index);
    return same;
  });
  return next.toReversed();
}

/** Entries do not change, and a full log reads the content of each at every event. */
const contents = new WeakMap<LogEntry, string>();

function contentOf(entry: LogEntry): string {
  const known = contents.get(entry);
  if (known !== undefined) return known;
  const fields = Object.entries(entry).filter(([field]) => field !== 'at' && field !== 'repeats');
  const content = JSON.stringify(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  contents.set(entry, content);
  return content;
}

function merge(first: LogEntry, next: LogEntry): LogEntry {
  const times = (first.repeats?.times ?? 1) + (next.repeats?.times ?? 1);
  return { ...next, repeats: { times, since: first.repeats?.since ?? first.at } };
}

/** The number of entries from the start among which none is missing. Later ones may have been merged or dropped. */
export const completePrefix = (log: readonly LogEntry[]): number =>
  log.length < MAX_ENTRIES ? MAX_ENTRIES : MAX_FIRST_ENTRIES;

type Cancellation = Extract<LogEntry, { readonly type: 'cancel' }>;

/** Returns the cancellation that superseded the journey; `undefined` if it was not superseded. */
export function supersessionOf(log: readonly LogEntry[]): (Cancellation & Supersession) | undefined {
  return log.findLast(
    (entry): entry is Cancellation & Supersession => entry.type === 'cancel' && entry.supersededBy !== undefined,
  );
}
