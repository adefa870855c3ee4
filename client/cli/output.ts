import Table from 'cli-table3';
import picocolors from 'picocolors';
import type { Environment } from '../environment.ts';

/** Where answers go: plain lines and JSON for programs, tables and colours on a terminal. */
export class Output {
  readonly stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
  readonly colours: ReturnType<typeof picocolors.createColors>;

  constructor(stream: NodeJS.WriteStream, env: Environment) {
    this.stream = stream;
    this.isTerminal = stream.isTTY;
    this.colours = picocolors.createColors(this.isTerminal && (env['NO_COLOR'] ?? '') === '');
  }

  say(text: string): void {
    this.stream.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.say(JSON.stringify(value));
  }

  /** A table; in a pipe a line for each row, with tabs between its cells and no head. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    if (this.isTerminal) this.say(this.#drawn(head, rows));
    else for (const row of rows) this.say(row.join('\t'));
  }

  #drawn(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const drawn = new Table({
      head: head.map((word) => this.colours.bold(word)),
      style: { head: [], border: [], compact: true },
    });
    for (const row of rows) drawn.push([...row]);
    return drawn.toString();
  }
}
