import { Argument } from 'commander';
import type { Command } from 'commander';
import { bulkCommands } from '../../workflows/operation/contract.ts';
import type { Operation, OperationReport, OperationRequest } from '../http/index.ts';
import { filtered, filterOf } from './filter.ts';
import type { Filter } from './filter.ts';
import { answer, door, familyWord, reasonArgument, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { keyed, under } from './keyed.ts';
import type { Keyed } from './keyed.ts';
import { aboveZero, atLeastOne } from './numbers.ts';
import { pageOf, paged, tellNext } from './paging.ts';
import type { PageGiven } from './paging.ts';
import { moment } from './tell.ts';

interface Given {
  readonly json?: boolean;
}

/** Bulk operations. */
export function addBulk(program: Command, desk: Desk): void {
  const family = paged(
    familyWord(program, 'operations', 'Lists bulk operations; begins, shows and stops them', 'operations'),
  );
  family.action(async ({ json = false, ...page }: Given & PageGiven) => {
    answer(desk, { json }, await door(desk, 'viewer').operations(pageOf(page)), ({ items, next }) => {
      desk.out.table(
        HEAD,
        items.map((each) => rowOf(desk, each)),
      );
      tellNext(desk, next);
    });
  });
  begin(family, desk);
  show(family, desk);
  stop(family, desk);
}

const HEAD = ['operation', 'command', 'state', 'done', 'of', 'by', 'at'];

function rowOf(desk: Desk, { id, command, dryRun, state, done, total, by, at }: Operation): string[] {
  const what = dryRun ? `${command} (dry run)` : command;
  return [id, what, state, String(done), total === null ? '' : String(total), by.name, moment(desk, at)];
}

interface Ordered extends Given, Filter, Keyed {
  readonly expected: number;
  readonly perSecond?: number;
  readonly dryRun?: boolean;
}

function begin(family: Command, desk: Desk): void {
  const example = 'operations begin retry --step stalled --expected 312 --dry-run sFOX was away';
  keyed(filtered(word(family, 'begin', 'Has all journeys of a filter told one command', example)))
    .addArgument(new Argument('<command>', 'what they are told').choices(bulkCommands))
    .addArgument(reasonArgument())
    .requiredOption('--expected <count>', 'how many journeys you saw: another count is refused', atLeastOne)
    .option('--per-second <count>', 'the pace, in journeys a second', aboveZero)
    .option('--dry-run', 'tell nobody anything, and say what would come of it')
    .action(async (command: OperationRequest['command'], reason: string[], given: Ordered) => {
      const { expected, perSecond, dryRun, key, ...options } = given;
      const request = {
        command,
        filter: filterOf(options),
        expected,
        ...(perSecond !== undefined && { perSecond }),
        ...(dryRun === true && { dryRun }),
        reason: reason.join(' '),
      };
      const ordered = await under(key, (once) => door(desk, 'operator').order(request, once));
      answer(desk, options, ordered, ({ id }) =>
        desk.out.say(desk.out.isTerminal ? `begun: onward operations show ${id}` : id),
      );
    });
}

function show(family: Command, desk: Desk): void {
  paged(word(family, 'show', 'How far one has come, and what came of it by user', 'operations show 0b5a1f86-…'))
    .argument('<id>', 'of the operation')
    .action(async (id: string, { json = false, ...page }: Given & PageGiven) => {
      answer(desk, { json }, await door(desk, 'viewer').operation(id, pageOf(page)), (report) => {
        if (desk.out.isTerminal) desk.out.say(tellReport(report));
        const rows = report.items.map(({ userId, outcome, until, why }) => [
          userId,
          outcome,
          until === null ? '' : moment(desk, until),
          why ?? '',
        ]);
        desk.out.table(['user', report.dryRun ? 'would be' : 'outcome', 'until', 'why'], rows);
        tellNext(desk, report.next);
      });
    });
}

function tellReport({
  command,
  dryRun,
  state,
  done,
  total,
  outcomes,
  by,
  reason,
  stopped,
  note,
}: OperationReport): string {
  const counts = Object.entries(outcomes).filter(([, count]) => count > 0);
  return [
    `${command}${dryRun ? ' (dry run)' : ''}, ${state}: ${done} of ${total ?? 'not yet counted'} (${by.name}: ${reason})`,
    ...(stopped === null ? [] : [`stopped by ${stopped.by.name}: ${stopped.reason}`]),
    ...(note === null ? [] : [note]),
    ...(counts.length === 0 ? [] : [counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ')]),
  ].join('\n');
}

function stop(family: Command, desk: Desk): void {
  word(family, 'stop', 'Stops one after what is in flight', 'operations stop 0b5a1f86-… wrong filter')
    .argument('<id>', 'of the operation')
    .addArgument(reasonArgument())
    .action(async (id: string, reason: string[], options: Given) => {
      const stopped = await door(desk, 'operator').stopOperation(id, { reason: reason.join(' ') });
      answer(desk, options, stopped, ({ state, done }) => desk.out.say(`${state} after ${done}`));
    });
}
