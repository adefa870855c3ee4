import { once } from 'node:events';
import Table from 'cli-table3';
import picocolors from 'picocolors';
import { escapeText } from '../../../workflows/journey/status/text.ts';
import type { Environment } from '../../config/env.ts';
import { toCsv } from './csv.ts';
import { toSafeJson } from './escape.ts';
import { toSafeYaml } from './yaml.ts';

/** The values of `--output`. `table` is for people, the others are for programs. */
export const formats = ['table', 'json', 'yaml', 'csv'] as const;
export type Format = (typeof formats)[number];

const documents: { readonly [F in Exclude<Format, 'table'>]: (value: unknown) => string } = {
  json: (value) => `${toSafeJson(value)}\n`,
  yaml: toSafeYaml,
  csv: toCsv,
};

/** The text of a table cell, or its lines. */
export type Cell = string | readonly string[];

/** The text of a table without rows. */
const NO_ROWS = 'none found';

/** Writes to standard output: tables and colours on a terminal, plain lines in a pipe, or documents in the format of `--output`. */
export class Output {
  readonly stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
  readonly colours: ReturnType<typeof picocolors.createColors>;
  /** The format of `--output`; `undefined` without it. */
  format: Format | undefined;
  #captured: string | undefined;

  constructor(stream: NodeJS.WriteStream, env: Environment) {
    this.stream = stream;
    this.isTerminal = stream.isTTY;
    // `isTTY` is undefined in a pipe, and picocolors would decide by itself.
    this.colours = picocolors.createColors(this.isTerminal ? (env['NO_COLOR'] ?? '') === '' : false);
  }

  /** Whether the output is for programs: a document, not text. */
  get isDocument(): boolean {
    return this.format !== undefined && this.format !== 'table';
  }

  /** Whether text on the screen may be replaced. */
  get canRedraw(): boolean {
    return this.isTerminal && !this.isDocument;
  }

  write(text: string): void {
    if (this.#captured === undefined) this.stream.write(text);
    else this.#captured += text;
  }

  /** Writes pieces of text as they arrive, and no faster than the stream accepts them. */
  async writePieces(pieces: AsyncIterable<string>): Promise<void> {
    for await (const text of pieces) {
      if (!this.stream.write(text)) await once(this.stream, 'drain');
    }
  }

  writeLine(text: string): void {
    this.write(`${text}\n`);
  }

  /** Writes a value as a document. Returns `false`, and writes nothing, if the format is text. */
  writeDocument(value: unknown): boolean {
    if (this.format === undefined || this.format === 'table') return false;
    this.write(documents[this.format](value));
    return true;
  }

  /** Returns what `act` writes, instead of writing it. */
  capture(act: () => void): string {
    this.#captured = '';
    try {
      act();
      return this.#captured;
    } finally {
      this.#captured = undefined;
    }
  }

  /** Writes a table, or that it has no rows; in a pipe without `--output table`, one line per row with tab-separated cells and no header. */
  table(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const isDrawn = this.isTerminal || this.format === 'table';
    const lineBreak = isDrawn ? '\n' : ' ';
    const escaped = rows.map((row) => row.map((cell) => [cell].flat().map(escapeText).join(lineBreak)));
    if (isDrawn) this.writeLine(rows.length === 0 ? NO_ROWS : this.#drawTable(head, escaped));
    else for (const row of escaped) this.writeLine(row.join('\t'));
  }

  #drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const drawn = new Table({
      head: head.map((word) => this.colours.bold(word)),
      style: { head: [], border: [], compact: true },
    });
    for (const row of rows) drawn.push([...row]);
    return drawn.toString();
  }
}
