import { Argument } from 'commander';
import type { Command } from 'commander';
import type { PolicyDocument } from '../../../workflows/journey/policy/adoption.ts';
import type { OnwardClient, WhatIf, WhatIfReport } from '../../http-client/index.ts';
import { addCommand, addRead, addReadGroup, connectClient, printRead, printReply } from '../context.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../errors.ts';
import { filterOf, withFilterOptions } from '../options/filter.ts';
import type { Filter } from '../options/filter.ts';
import { pageRequestOf, printNext, withPageOptions } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { readPolicyDocument } from '../options/policy-file.ts';
import { formatTableTime } from '../output/format-status.ts';
import type { Cell } from '../output/output.ts';
import { waitForEnd } from '../output/progress.ts';
import { printComparisons, summaryLines } from '../output/what-if-report.ts';

interface WhatIfOptions extends Filter {
  readonly policy: PolicyDocument;
  readonly since?: string;
  readonly wait: boolean;
}

/** Adds `what-if` and its subcommands. */
export function addWhatIfCommands(program: Command, context: CliContext): void {
  const description = 'Shows how real journeys would have gone under another policy, without changing any.';
  const examples = [
    'what-if --policy new.yml --since 2026-11-01T00:00:00Z',
    'what-if --policy new.yml -o csv',
  ] as const;
  const group = withFilterOptions(addReadGroup(program, 'what-if', description, ...examples))
    .option('--policy <file>', 'the policy file to compare with', readPolicyDocument)
    .option('--since <time>', 'only journeys that started at or after this time, RFC 3339')
    .option('--no-wait', 'print the id, and do not wait for the result');
  group.action(async ({ policy, since, wait, ...options }: Partial<WhatIfOptions>) => {
    if (policy === undefined) return group.error("error: required option '--policy <file>' not specified");
    const client = connectClient(context, 'viewer');
    const filter = filterOf(options);
    const { id } = await client.startWhatIf({ policy, filter, ...(since !== undefined && { since }) });
    if (wait === false) return printReply(context, { id }, () => context.out.writeLine(id));
    await waitForEnd(context.out, () => client.whatIf(id, { limit: 1 }), hasEnded);
    const report = await readAll(context, client, id);
    return printReply(context, report, (shown) => printReport(context, shown));
  });
  list(group, context);
  show(group, context);
  stop(group, context);
}

const hasEnded = ({ state }: Pick<WhatIf, 'state'>) => state !== 'running';

/** Reads all pages. Exits with an error if the what-if was stopped before its end. */
async function readAll(context: CliContext, client: OnwardClient, id: string): Promise<WhatIfReport> {
  const report = await client.whatIf(id, { limit: 200 });
  if (report.state === 'stopped') context.exit = exitCodes.failed;
  const items = [...report.items];
  for (let { next } = report; next !== null;) {
    const page = await client.whatIf(id, { limit: 200, cursor: next });
    items.push(...page.items);
    ({ next } = page);
  }
  return { ...report, items, next: null };
}

function printReport(context: CliContext, { items, next, ...whatIf }: WhatIfReport): void {
  for (const line of summaryLines(whatIf)) context.out.writeLine(line);
  printComparisons(context, items);
  printNext(context, next);
}

function list(group: Command, context: CliContext): void {
  withPageOptions(addRead(group, 'list', 'Lists what-ifs, the newest first', 'what-if list')).action(
    async (page: PageOptions) => {
      const client = connectClient(context, 'viewer');
      await printRead(
        context,
        () => client.whatIfs(pageRequestOf(page)),
        ({ items, next }) => {
          context.out.table(
            ['what-if', 'state', 'done', 'of', 'undecided', 'by', 'at'],
            items.map((each) => rowOf(context, each)),
          );
          printNext(context, next);
        },
      );
    },
  );
}

const rowOf = (context: CliContext, { id, state, done, total, results, by, at }: WhatIf): Cell[] => [
  id,
  state,
  String(done),
  String(total),
  String(results.undecided),
  by,
  formatTableTime(context, at),
];

function show(group: Command, context: CliContext): void {
  addRead(group, 'show', 'Shows the result of a what-if', 'what-if show 0b5a1f86-…')
    .addArgument(idArgument())
    .action(async (id: string) => {
      const client = connectClient(context, 'viewer');
      await printRead(
        context,
        () => readAll(context, client, id),
        (report) => printReport(context, report),
        hasEnded,
      );
    });
}

function stop(group: Command, context: CliContext): void {
  addCommand(group, 'stop', 'Stops a what-if, of any caller', 'what-if stop 0b5a1f86-…')
    .addArgument(idArgument())
    .action(async (id: string) => {
      const whatIf = await connectClient(context, 'viewer').stopWhatIf(id);
      printReply(context, whatIf, ({ state, done, total }) =>
        context.out.writeLine(`${state}: ${done} of ${total} journeys compared`),
      );
    });
}

const idArgument = () => new Argument('<id>', 'the id of the what-if');
