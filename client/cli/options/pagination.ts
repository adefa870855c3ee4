import type { Command } from 'commander';
import type { PageRequest } from '../../http-client/index.ts';
import type { CliContext } from '../context.ts';
import { parsePositiveInteger } from './numbers.ts';

export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Adds `--limit` and `--cursor`. */
export function withPageOptions(command: Command): Command {
  return command
    .option('--limit <count>', 'page size, 1 to 200', parsePositiveInteger)
    .option('--cursor <next>', 'continue after the previous page');
}

/** Returns the page request of the options. The gateway validates it. */
export function pageRequestOf({ limit, cursor }: PageOptions): PageRequest {
  return { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
}

/** Prints the cursor of the next page, on a terminal only. */
export function printNext({ out }: CliContext, next: string | null): void {
  if (next !== null && out.isTerminal) out.writeLine(`next page: --cursor ${next}`);
}
