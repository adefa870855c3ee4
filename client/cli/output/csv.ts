import { csvLine } from '../../presentation/csv.ts';

/** Converts a reply to CSV (RFC 4180): the items of a page or of a list, a row each, or one row for any other value. */
export function toCsv(value: unknown): string {
  const rows = rowsOf(value).map((row) => new Map(flatten(row)));
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const lines = [columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? null))];
  return lines.map(csvLine).join('');
}

/** The members of replies that are lists, with a row for each element. */
const LISTS = ['items', 'points'] as const;

function rowsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (!isObject(value)) return [value];
  const list = LISTS.map((name) => value[name]).find(Array.isArray);
  return list ?? [value];
}

/** Lists the values of an object by their paths, such as `email.status`. A list is one value, as JSON. */
function flatten(value: unknown, path = ''): [string, Cell][] {
  if (isObject(value)) {
    return Object.entries(value).flatMap(([key, each]) => flatten(each, path === '' ? key : `${path}.${key}`));
  }
  return [[path === '' ? 'value' : path, cellOf(value)]];
}

type Cell = string | number | boolean | null;

function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
