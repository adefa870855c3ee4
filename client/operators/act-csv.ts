import { csvLine } from '../presentation/csv.ts';
import type { Act } from './act.ts';

/** Acts as CSV (RFC 4180). */

export const actColumns = [
  'at',
  'by',
  'act',
  'userId',
  'subject',
  'reason',
  'parameters',
  'result',
  'status',
  'requestId',
] as const;

export function toActCsvLine({ by, parameters, status, ...act }: Act): string {
  const values = { ...act, by: by.name, parameters: parameters && JSON.stringify(parameters), status };
  return csvLine(actColumns.map((column) => values[column]));
}
