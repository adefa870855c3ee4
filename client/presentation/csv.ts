import { escapeText } from '../../workflows/journey/status/text.ts';

/** Converts values to a line of CSV (RFC 4180), with CRLF. A text steers no terminal, and no spreadsheet takes it for a formula. */
export function csvLine(values: readonly (string | number | boolean | null)[]): string {
  const cells = values.map((value) => (typeof value === 'string' ? withoutFormula(escapeText(value)) : textOf(value)));
  return `${cells.map(quoteCell).join(',')}\r\n`;
}

const textOf = (value: number | boolean | null) => (value === null ? '' : String(value));

/** Marks a text that a spreadsheet would run as a formula (CSV injection), also by a full-width sign. */
const withoutFormula = (text: string) => (/^[=+\-@＝＋－＠]/u.test(text) ? `'${text}` : text);

const quoteCell = (cell: string) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
