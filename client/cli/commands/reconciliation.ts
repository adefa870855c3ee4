import { Argument } from 'commander';
import type { Command } from 'commander';
import type { Reconciliation, ReconciliationReport } from '../../http-client/index.ts';
import { formatTime } from '../../presentation/format-time.ts';
import {
  addCommand,
  addRead,
  connectClient,
  printRead,
  printReply,
  reasonArgument,
  reconciliationArgument,
} from '../context.ts';
import type { CliContext } from '../context.ts';
import { withKeyOption, withIdempotencyKey } from '../options/idempotency-key.ts';
import type { IdempotencyOptions } from '../options/idempotency-key.ts';
import { pageRequestOf, withPageOptions, printNext } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { exitCodes } from '../errors.ts';
import { formatTableTime } from '../output/format-status.ts';
import type { Cell } from '../output/output.ts';
import { hasEnded, progressBar, stoppedText, waitForEnd } from '../output/progress.ts';

interface StartOptions extends IdempotencyOptions {
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

/** Adds `reconcile` and its subcommands. */
export function addReconciliationCommands(program: Command, context: CliContext): void {
  const description = "Compares sFOX's list of users with the journeys, and starts or rechecks those that differ";
  const group = withKeyOption(
    addCommand(program, 'reconcile', description, 'reconcile --dry-run --wait', 'reconcile events were lost'),
  )
    .addArgument(new Argument('[reason...]', 'the reason, for the audit log').default(['reconcile'], 'reconcile'))
    .option('--dry-run', 'change nothing; report what would be done for each user')
    .option('--wait', 'wait until it has ended, and print the result');
  group.action(async (reason: string[], { dryRun, wait = false, key }: StartOptions) => {
    const client = connectClient(context, 'operator');
    const request = { ...(dryRun === true && { dryRun }), reason: reason.join(' ') };
    const { id } = await withIdempotencyKey(key, (once) => client.startReconciliation(request, once));
    if (wait) return showEnd(context, await waitForEnd(context.out, () => client.reconciliation(id), hasEnded));
    printReply(context, { id }, () =>
      context.out.writeLine(context.out.isTerminal ? `started: onward reconcile show ${id}` : id),
    );
  });
  list(group, context);
  show(group, context);
  stop(group, context);
}

function list(group: Command, context: CliContext): void {
  withPageOptions(addRead(group, 'list', 'Lists reconciliations, the newest first', 'reconcile list')).action(
    async (page: PageOptions) => {
      const client = connectClient(context, 'viewer');
      const columns = ['reconciliation', 'state', 'users', 'differ', 'by', 'at'];
      await printRead(
        context,
        () => client.reconciliations(pageRequestOf(page)),
        ({ items, next }) => {
          context.out.table(
            columns,
            items.map((each) => rowOf(context, each)),
          );
          printNext(context, next);
        },
      );
    },
  );
}

function rowOf(context: CliContext, { id, dryRun, state, users, differences, by, at }: Reconciliation): Cell[] {
  const differ = Object.values(differences).reduce((sum, count) => sum + count, 0);
  const stateText = dryRun ? `${state} (dry run)` : state;
  return [id, stateText, users === null ? '' : String(users), String(differ), by.name, formatTableTime(context, at)];
}

function show(group: Command, context: CliContext): void {
  const description = 'Shows the progress of a reconciliation and its result for each user';
  const examples = ['reconcile show 0b5a1f86-…', 'reconcile show 0b5a1f86-… --watch'] as const;
  withPageOptions(addRead(group, 'show', description, ...examples))
    .addArgument(reconciliationArgument())
    .action(async (id: string, page: PageOptions) => {
      const client = connectClient(context, 'viewer');
      const read = async () => {
        const report = await client.reconciliation(id, pageRequestOf(page));
        if (report.state === 'failed') context.exit = exitCodes.failed;
        return report;
      };
      await printRead(context, read, (report) => showReport(context, report), hasEnded);
    });
}

function showEnd(context: CliContext, ended: ReconciliationReport): void {
  printReply(context, ended, (report) => showReport(context, report));
  if (ended.state === 'failed') context.exit = exitCodes.failed;
}

function showReport(context: CliContext, report: ReconciliationReport): void {
  if (!hasEnded(report) && context.out.isTerminal) context.out.writeLine(progressBar(report));
  context.out.writeLine(printReport(report));
  const rows = report.items.map(({ userId, difference, outcome, until, why }) => [
    userId,
    difference,
    outcome,
    until === null ? '' : formatTableTime(context, until),
    why ?? '',
  ]);
  context.out.table(['user', 'at sFOX', report.dryRun ? 'would be' : 'outcome', 'until', 'why'], rows);
  printNext(context, report.next);
}

function printReport(report: ReconciliationReport): string {
  const { dryRun, state, users, unreadable, done, total, waiting, waitingUntil, outcomes, by, reason } = report;
  const counts = Object.entries(outcomes).filter(([, count]) => count > 0);
  return [
    `reconciliation${dryRun ? ' (dry run)' : ''}, ${state}: ${done} of ${total ?? 'not yet counted'} (${by.name}: ${reason})`,
    ...(users === null ? [] : [`${users} users at sFOX, ${unreadable} of them unreadable`]),
    ...(waitingUntil === null ? [] : [`${waiting} users without a journey wait until ${formatTime(waitingUntil)}`]),
    ...(report.stopped === null ? [] : [`stopped by ${report.stopped.by.name}: ${report.stopped.reason}`]),
    ...(report.note === null ? [] : [report.note]),
    ...(counts.length === 0 ? [] : [counts.map(([outcome, count]) => `${count} ${outcome}`).join(', ')]),
  ].join('\n');
}

function stop(group: Command, context: CliContext): void {
  const description = 'Stops a reconciliation once the commands in flight are done';
  addCommand(group, 'stop', description, 'reconcile stop 0b5a1f86-… wrong environment')
    .addArgument(reconciliationArgument())
    .addArgument(reasonArgument())
    .action(async (id: string, reason: string[]) => {
      const stopped = await connectClient(context, 'operator').stopReconciliation(id, { reason: reason.join(' ') });
      printReply(context, stopped, (shown) => context.out.writeLine(stoppedText(shown)));
    });
}
