import type { Command } from 'commander';
import type { Summary } from '../http/index.ts';
import { filtered, filterOf } from './filter.ts';
import { answer, door, userArgument, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { pageOf, paged, tellNext } from './paging.ts';
import type { PageGiven } from './paging.ts';
import { moment, tellStatus } from './tell.ts';
import { watchStatus } from './watch.ts';

interface Given {
  readonly json?: boolean;
}

/** The words that tell how journeys stand. */
export function addReading(program: Command, desk: Desk): void {
  status(program, desk);
  timeline(program, desk);
  list(program, desk);
  summary(program, desk);
}

function status(program: Command, desk: Desk): void {
  word(program, 'status', 'Where a journey is, and what is allowed', 'status ada --watch')
    .addArgument(userArgument())
    .option('-w, --watch', 'follow it until its final state')
    .action(async (user: string, { watch, ...options }: Given & { watch?: boolean }) => {
      const client = door(desk, 'operator');
      if (watch === true) return watchStatus(desk, client.watch(user), options);
      const now = await client.status(user);
      answer(desk, options, now, () => desk.out.say(tellStatus(now)));
    });
}

function timeline(program: Command, desk: Desk): void {
  word(program, 'timeline', 'What happened, in plain words', 'timeline ada')
    .addArgument(userArgument())
    .action(async (user: string, options: Given) => {
      answer(desk, options, await door(desk, 'viewer').timeline(user), ({ items }) => {
        const rows = items.map(({ at, what, by, reason }) => [moment(desk, at), what, by ?? '', reason ?? '']);
        desk.out.table(['at', 'what', 'by', 'reason'], rows);
      });
    });
}

function list(program: Command, desk: Desk): void {
  const does = 'Lists journeys, the newest start first';
  paged(filtered(word(program, 'list', does, 'list --step stalled --limit 20'))).action(
    async ({ json = false, ...query }: Given & PageGiven & ReturnType<typeof filterOf>) => {
      const asked = { ...filterOf(query), ...pageOf(query) };
      answer(desk, { json }, await door(desk, 'viewer').list(asked), ({ items, next }) => {
        const rows = items.map((each) => [
          each.userId,
          each.accountType ?? '',
          each.state,
          each.step ?? '',
          each.reason ?? '',
          moment(desk, each.since),
          moment(desk, each.startedAt),
        ]);
        desk.out.table(['user', 'type', 'state', 'step', 'reason', 'since', 'started'], rows);
        tellNext(desk, next);
      });
    },
  );
}

function summary(program: Command, desk: Desk): void {
  word(program, 'summary', 'Counts journeys by state, step and reason', 'summary').action(async (options: Given) => {
    answer(desk, options, await door(desk, 'viewer').summary(), (counted) => {
      desk.out.table(['what', 'which', 'journeys'], countsIn(counted));
      const words = counted.stuck.flatMap((stuck) => (stuck.words === null ? [] : [stuck.words]));
      if (desk.out.isTerminal) for (const each of words) desk.out.say(each);
    });
  });
}

/** A line for each count, those of what is stuck with their words. */
function countsIn({ total, ...counted }: Summary): string[][] {
  const rows = (what: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([which, count]) => [what, which, String(count)]);
  return [
    ...rows('state', counted.states),
    ...rows('step', counted.steps),
    ...rows('reason', counted.reasons),
    ...counted.stuck.map(({ kind, journeys }) => ['stuck', kind, String(journeys)]),
    ['total', '', String(total)],
  ];
}
