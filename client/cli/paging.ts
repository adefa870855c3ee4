import type { Command } from 'commander';
import type { PageRequest } from '../http/index.ts';
import type { Desk } from './desk.ts';
import { atLeastOne } from './numbers.ts';

export interface PageGiven {
  readonly limit?: number;
  readonly cursor?: string;
}

/** Lets a word show a page of many. */
export function paged(command: Command): Command {
  return command
    .option('--limit <count>', '1 to 200', atLeastOne)
    .option('--cursor <next>', 'go on where the page before ended');
}

/** What was given of a page; the gateway says what is wrong with it. */
export function pageOf({ limit, cursor }: PageGiven): PageRequest {
  return { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
}

/** Tells a person that there is more. */
export function tellNext({ out }: Desk, next: string | null): void {
  if (next !== null && out.isTerminal) out.say(`and more: --cursor ${next}`);
}
