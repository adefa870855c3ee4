import type { Actor } from '../../workflows/journey/actor.ts';
import type { RestartOrigin } from '../../workflows/journey/context.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import type { JourneyRecord } from '../journey-log/record.ts';

/** The user of every exported journey. */
const EXPORTED_USER = 'exported-user';
/** The other user of a journey that supersedes, or is superseded. */
const OTHER_USER = 'other-user';
const REMOVED = 'removed';

/**
 * Replaces who is in a record: the user id, the names of callers by their role, the hints of addresses, and the texts of operators
 * and of the provider, unless these are kept. The machine reads none of them.
 */
export function anonymise({ start, entries }: JourneyRecord, keepsTexts: boolean): JourneyRecord {
  const text = <T extends string | null>(value: T) => (keepsTexts || value === null ? value : REMOVED);
  const entry = (each: LogEntry): LogEntry => ({
    ...each,
    ...('by' in each && each.by !== undefined && { by: nameless(each.by) }),
    ...('reason' in each && each.reason !== undefined && { reason: text(each.reason) }),
    ...('detail' in each && { detail: text(each.detail) }),
    ...('to' in each && { to: null }),
    ...('supersedes' in each && { supersedes: OTHER_USER }),
    ...('supersededBy' in each && { supersededBy: OTHER_USER }),
  });
  const { restarted, ...rest } = start;
  const again: RestartOrigin | undefined = restarted && {
    by: nameless(restarted.by),
    reason: text(restarted.reason),
    ...(restarted.supersedes !== undefined && { supersedes: OTHER_USER }),
    ...(restarted.carried && {
      carried: {
        ...restarted.carried,
        ledger: restarted.carried.ledger.map((send) => ({ ...send, to: null, reason: text(send.reason) })),
      },
    }),
  };
  return {
    start: { ...rest, userId: EXPORTED_USER, ...(again && { restarted: again }) },
    entries: entries.map(entry),
  };
}

const nameless = ({ role }: Actor): Actor => ({ role, name: role });
