import { parseCarried } from '../../workflows/journey/stored/parse-carried.ts';
import type { JourneyInput } from '../../workflows/journey/context.ts';
import { MACHINE_VERSION } from '../../workflows/journey/machine.ts';
import { parseLog } from '../../workflows/journey/stored/parse-log.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { deserialize } from '../../workflows/journey/transition.ts';
import type { Journey } from '../../workflows/journey/transition.ts';
import { LogIncomplete } from '../errors.ts';
import { runRecord } from '../journey-log/run-record.ts';
import type { JourneyExport } from './schema.ts';

/** The result of an exported journey on this release. */
export interface ExportRun {
  /** From the stored state, migrated as that of an open journey. */
  readonly migrated: Status;
  /** From the events; `undefined` if another version of the machine has exported them. */
  readonly replayed: Status | undefined;
}

/**
 * Runs an exported journey without a server.
 *
 * @throws EntryRejected if the machine of the same version does not accept an entry
 */
export function runExport({ machineVersion, start, entries, stored }: JourneyExport): ExportRun {
  const log = parseLog(entries);
  const migrated = statusOf(deserialize({ ...stored, log: entries }));
  if (machineVersion !== MACHINE_VERSION) return { migrated, replayed: undefined };
  let last: Journey | undefined;
  for (const { journey } of runRecord({ start: inputOf(start), entries: log })) last = journey;
  if (last === undefined) throw new LogIncomplete('the exported journey has no entry');
  return { migrated, replayed: statusOf(last) };
}

function inputOf(start: JourneyExport['start']): JourneyInput {
  const { restarted, ...given } = start as object as JourneyInput;
  // A key of the policy that an earlier release did not know has its default.
  const input = { ...given, policy: { ...defaultPolicy, ...given.policy } };
  if (restarted === undefined) return input;
  const { carried, ...rest } = restarted;
  return { ...input, restarted: { ...rest, ...(carried && { carried: parseCarried(carried) }) } };
}
