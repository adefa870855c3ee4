import type { Command } from 'commander';
import type { JourneyPage, Summary } from '../../http-client/index.ts';
import { addRead, connectClient, printRead } from '../context.ts';
import type { CliContext } from '../context.ts';
import { withFilterOptions, withPrefixOption, filterOf } from '../options/filter.ts';
import { pageRequestOf, withPageOptions, printNext } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { formatTableTime } from '../output/format-status.ts';

type CountOptions = ReturnType<typeof filterOf> & { readonly userIdPrefix?: string };
type ListOptions = PageOptions & CountOptions & { readonly csv?: boolean };

/** Adds the commands that read all journeys, or those that match a filter. */
export function addListCommands(program: Command, context: CliContext): void {
  list(program, context);
  count(program, context);
  summary(program, context);
}

function list(program: Command, context: CliContext): void {
  const examples = ['list --step stalled --limit 20', 'list --state emailPending --csv > pending.csv'] as const;
  const command = addRead(program, 'list', 'Lists journeys, newest first', ...examples);
  withPageOptions(withPrefixOption(withFilterOptions(command)))
    .option('--csv', 'print every match as CSV; --output csv prints one page')
    .action(async ({ csv = false, userIdPrefix, ...query }: ListOptions) => {
      const filter = { ...filterOf(query), userIdPrefix };
      const client = connectClient(context, 'viewer');
      if (csv) return context.out.writePieces(client.listCsv(filter));
      const request = { ...filter, ...pageRequestOf(query) };
      await printRead(
        context,
        () => client.list(request),
        (page) => printPage(context, page),
      );
    });
}

function printPage(context: CliContext, { items, next }: JourneyPage): void {
  const rows = items.map((each) => [
    each.userId,
    each.accountType ?? '',
    each.state,
    each.step ?? '',
    each.reason ?? '',
    formatTableTime(context, each.since),
    formatTableTime(context, each.startedAt),
  ]);
  context.out.table(['user', 'type', 'state', 'step', 'reason', 'since', 'started'], rows);
  printNext(context, next);
}

function count(program: Command, context: CliContext): void {
  const command = addRead(program, 'count', 'Counts the journeys that match a filter', 'count --step stalled --watch');
  withPrefixOption(withFilterOptions(command)).action(async ({ userIdPrefix, ...query }: CountOptions) => {
    const client = connectClient(context, 'viewer');
    await printRead(
      context,
      () => client.count({ ...filterOf(query), userIdPrefix }),
      (counted) => context.out.writeLine(String(counted.count)),
    );
  });
}

function summary(program: Command, context: CliContext): void {
  const description = 'Counts journeys by state, step and reason';
  addRead(program, 'summary', description, 'summary', 'summary --watch').action(async () => {
    const client = connectClient(context, 'viewer');
    await printRead(
      context,
      () => client.summary(),
      (counted) => {
        // Faults of recovery and of the provider are printed first. A pipe omits the other descriptions, since the counts include them.
        const { first, rest } = linesOf(counted);
        for (const each of first) context.out.writeLine(each);
        context.out.table(['what', 'which', 'journeys'], countsIn(counted));
        if (context.out.isTerminal) for (const each of rest) context.out.writeLine(each);
      },
    );
  });
}

const firstKinds: ReadonlySet<Summary['blockers'][number]['kind']> = new Set([
  'recoveryPaused',
  'webhooks',
  'keyRefused',
  'providerSilent',
  'providerFailing',
  'providerUnknown',
  'providerRateLimited',
]);

function linesOf({ blockers }: Summary): { readonly first: readonly string[]; readonly rest: readonly string[] } {
  const described = blockers.flatMap(({ kind, description }) => (description === null ? [] : [{ kind, description }]));
  const isFirst = ({ kind }: { kind: Summary['blockers'][number]['kind'] }) => firstKinds.has(kind);
  const linesFor = (those: typeof described) => those.map(({ description }) => description);
  return { first: linesFor(described.filter(isFirst)), rest: linesFor(described.filter((each) => !isFirst(each))) };
}

/** Returns a table row for each count, blockers included. */
function countsIn({ total, ...counted }: Summary): string[][] {
  const rows = (what: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([which, count]) => [what, which, String(count)]);
  return [
    ...rows('state', counted.states),
    ...rows('step', counted.steps),
    ...rows('reason', counted.reasons),
    ...Object.entries(counted.sendBudget ?? {}).flatMap(([channel, uses]) =>
      Object.entries(uses).map(([window, { sent, limit }]) => [
        'send budget',
        `${channel}, this ${window}`,
        `${sent} of ${limit}`,
      ]),
    ),
    ...rows('undelivered webhooks', counted.webhooks),
    ...counted.blockers.map((blocker) => ['blockers', blocker.kind, presenceOf(blocker)]),
    ['total', '', String(total)],
  ];
}

/** A count of 0 journeys does not mean that the blocker is absent: the provider can fail before a journey stalls. */
function presenceOf({ journeys, description }: Summary['blockers'][number]): string {
  if (description === null) return 'no';
  return journeys === null || journeys === 0 ? 'yes' : String(journeys);
}
