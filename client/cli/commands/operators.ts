import { Option } from 'commander';
import type { Command } from 'commander';
import { actResults } from '../../operators/act.ts';
import type { ActsFilter, NotePage } from '../../http-client/index.ts';
import { addCommand, addRead, addReadGroup, connectClient, printRead, printReply } from '../context.ts';
import type { CliContext } from '../context.ts';
import { pageRequestOf, printNext, withPageOptions } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { formatTableTime } from '../output/format-status.ts';

/** Adds `acts` and `notes`. */
export function addOperatorCommands(program: Command, context: CliContext): void {
  acts(program, context);
  notes(program, context);
}

type ActOptions = PageOptions & ActsFilter & { readonly csv?: boolean };

function acts(program: Command, context: CliContext): void {
  const description = 'Lists the acts of operators: operator, action, user, reason and result';
  withPageOptions(addRead(program, 'acts', description, 'acts --by night --result refused', 'acts --csv > acts.csv'))
    .option('--user-id <user>', 'only acts on this user')
    .option('--by <name>', 'only acts of this operator')
    .option('--act <act>', 'only acts of this name, such as pause')
    .addOption(new Option('--result <result>', 'only acts with this result').choices(actResults))
    .option('--from <time>', 'only acts since this time, RFC 3339')
    .option('--to <time>', 'only acts before this time, RFC 3339')
    .option('--csv', 'print every match as CSV')
    .action(async ({ csv = false, limit, cursor, userId, by, act, result, from, to }: ActOptions) => {
      const filter = { userId, by, act, result, from, to };
      const client = connectClient(context, 'viewer');
      if (csv) return context.out.writePieces(client.actsCsv(filter));
      const page = pageRequestOf({ ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) });
      const read = () => client.acts({ ...filter, ...page });
      await printRead(context, read, ({ items, next }) => {
        const rows = items.map(({ at, by, act, userId, subject, reason, result, status }) => [
          formatTableTime(context, at),
          by.name,
          act,
          userId ?? subject ?? '',
          `${result} (${status})`,
          reason ?? '',
        ]);
        context.out.table(['at', 'by', 'act', 'to', 'result', 'reason'], rows);
        printNext(context, next);
      });
    });
}

interface NoteOptions {
  readonly user?: string;
}

const USER_OPTION = ['--user <user>', 'on this user instead of for the shift'] as const;

function notes(program: Command, context: CliContext): void {
  const description = 'Lists, adds and removes notes for the shift, or on a user';
  const group = withPageOptions(addReadGroup(program, 'notes', description, 'notes --user ada'));
  group.option(...USER_OPTION).action(async ({ user, ...page }: NoteOptions & PageOptions) => {
    const client = connectClient(context, 'viewer');
    const query = pageRequestOf(page);
    const read = () => (user === undefined ? client.shiftNotes(query) : client.notes(user, query));
    await printRead(context, read, (shown) => printNotes(context, shown));
  });
  addCommand(group, 'add', 'Adds a note', 'notes add --user ada called us: the number is right')
    .argument('<text...>', 'the note')
    .option(...USER_OPTION)
    .action(async (words: string[], { user }: NoteOptions) => {
      const client = connectClient(context, 'operator');
      const request = { text: words.join(' ') };
      const added = user === undefined ? await client.addShiftNote(request) : await client.addNote(user, request);
      printReply(context, added, ({ id }) => context.out.writeLine(id));
    });
  addCommand(group, 'remove', 'Permanently removes a note', 'notes remove 0b5a1f86-… --user ada')
    .argument('<id>', 'the id of the note')
    .option(...USER_OPTION)
    .action(async (id: string, { user }: NoteOptions) => {
      const client = connectClient(context, 'operator');
      const removed = user === undefined ? await client.removeShiftNote(id) : await client.removeNote(user, id);
      printReply(context, removed, ({ text }) => context.out.writeLine(`removed: ${text}`));
    });
}

function printNotes(context: CliContext, { items, next }: NotePage): void {
  const rows = items.map(({ id, at, by, text }) => [id, formatTableTime(context, at), by.name, text]);
  context.out.table(['note', 'at', 'by', 'text'], rows);
  printNext(context, next);
}
