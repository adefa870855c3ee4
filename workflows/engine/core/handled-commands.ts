import type { CommandReply } from '../client.ts';
import { objectOf, orNull, parseText, parseUnknown, recordOf } from './parse-values.ts';
import type { Parser } from './parse-values.ts';

/** The answers under each idempotency key: the server itself remembers an update for one run only. */
export type HandledCommands = Readonly<Record<string, Omit<CommandReply, 'view'>>>;

const parseHandledCommand = objectOf({
  key: orNull(parseText),
  fingerprint: parseText,
  requestId: parseText,
  result: parseUnknown,
});

/** Parses the commands of an earlier run. Each result was checked by the run that gave it, and is only repeated. */
export const parseHandledCommands: Parser<HandledCommands> = recordOf(parseHandledCommand);

/** How many of the newest keys the next run gets: each takes some 200 bytes, and Temporal limits the input of a run to 2 MB. */
export const MAX_STORED_KEYS = 5_000;

/** Returns the commands that the next run gets. */
export function newestCommands(handled: HandledCommands): HandledCommands {
  return Object.fromEntries(Object.entries(handled).slice(-MAX_STORED_KEYS));
}
