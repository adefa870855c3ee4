import { MACHINE_VERSION } from '../../workflows/journey/machine.ts';
import { statusOf } from '../../workflows/journey/status/status.ts';
import { serialize } from '../../workflows/journey/transition.ts';
import type { Journey } from '../../workflows/journey/transition.ts';
import { BadRequest } from '../errors.ts';
import type { JourneyRecord } from '../journey-log/record.ts';
import { runRecord } from '../journey-log/run-record.ts';
import { anonymise } from './anonymise.ts';
import { EXPORT_FORMAT } from './schema.ts';
import type { JourneyExport } from './schema.ts';

export interface ExportOptions {
  /** The revision of the last status to include. Default: the newest. */
  readonly at?: number | undefined;
  /** Whether the reasons of operators and the texts of the provider are kept. */
  readonly keepsTexts?: boolean | undefined;
}

/**
 * Exports a journey up to a revision, anonymised.
 *
 * @throws BadRequest if the journey has no such revision
 * @throws LogIncomplete if the machine does not accept the record
 */
export function exportJourney(record: JourneyRecord, { at, keepsTexts = false }: ExportOptions = {}): JourneyExport {
  const { start, entries } = anonymise(record, keepsTexts);
  const journeys = [...runRecord({ start, entries })].map(({ journey }) => journey);
  const count = at === undefined ? journeys.length : journeys.findLastIndex(({ revision }) => revision <= at) + 1;
  const last = journeys[count - 1];
  if (last === undefined || (at !== undefined && at > (journeys.at(-1)?.revision ?? 0))) {
    throw new BadRequest('at', `at must be a revision from ${rangeOf(journeys)}; got ${at}`);
  }
  // The log is in the entries.
  return plain({
    format: EXPORT_FORMAT,
    machineVersion: MACHINE_VERSION,
    start,
    entries: entries.slice(0, count),
    stored: { ...serialize(last), log: [] },
    status: statusOf(last),
  });
}

const rangeOf = (journeys: readonly Journey[]) => `${journeys[0]?.revision} to ${journeys.at(-1)?.revision}`;

/** Returns the value as it will be read from the file. */
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as JourneyExport;
