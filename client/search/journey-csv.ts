import { csvLine } from '../presentation/csv.ts';
import type { JourneyListItem } from './journey-search.ts';

/** Journeys as CSV (RFC 4180), with the fields of a list. */

export const csvColumns = [
  'userId',
  'accountType',
  'state',
  'step',
  'reason',
  'since',
  'startedAt',
] as const satisfies readonly (keyof JourneyListItem)[];

export const toCsvLine = (item: JourneyListItem) => csvLine(csvColumns.map((column) => item[column]));
