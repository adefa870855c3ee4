import { Argument } from 'commander';
import type { Command } from 'commander';
import type { PolicyDocument } from '../../../workflows/journey/policy/adoption.ts';
import { journeyOperationCommands, operationFacts, operationTarget } from '../../../workflows/journey/commands.ts';
import { operationHeadline } from '../../presentation/operation-text.ts';
import type { Operation, OperationRequest } from '../../http-client/index.ts';
import { withFilterOptions, filterOf } from '../options/filter.ts';
import type { Filter } from '../options/filter.ts';
import {
  addCommand,
  addRead,
  addReadGroup,
  connectClient,
  operationArgument,
  printRead,
  printReply,
  reasonArgument,
} from '../context.ts';
import type { CliContext } from '../context.ts';
import { confirm, withYesOption } from '../options/confirmation.ts';
import { withKeyOption, withIdempotencyKey } from '../options/idempotency-key.ts';
import type { IdempotencyOptions } from '../options/idempotency-key.ts';
import { parsePositiveNumber, parsePositiveInteger } from '../options/numbers.ts';
import { readPolicyDocument } from '../options/policy-file.ts';
import { pageRequestOf, printNext, withPageOptions } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { formatTableTime } from '../output/format-status.ts';
import type { Cell } from '../output/output.ts';
import { showReport } from '../output/operation-report.ts';
import { hasEnded, stoppedText } from '../output/progress.ts';
import { addDecisionCommands } from './approvals.ts';
import { printStarted, withWaitOption } from './started-operation.ts';
import type { WaitOptions } from './started-operation.ts';

/** Adds `operations` and its subcommands. */
export function addBulkOperationCommands(program: Command, context: CliContext): void {
  const description = 'Lists, starts, shows and stops bulk operations';
  const group = withPageOptions(addReadGroup(program, 'operations', description, 'operations', 'operations --watch'));
  group.action(async (page: PageOptions) => {
    const client = connectClient(context, 'viewer');
    await printRead(
      context,
      () => client.operations(pageRequestOf(page)),
      ({ items, unreadable, next }) => {
        context.out.table(COLUMNS, [
          ...items.map((operation) => rowOf(context, operation)),
          ...unreadable.map((id) => [id, '', 'unreadable', '', '', '', '']),
        ]);
        printNext(context, next);
      },
    );
  });
  begin(group, context);
  show(group, context);
  addDecisionCommands(group, context);
  stop(group, context);
}

const COLUMNS = ['operation', 'command', 'state', 'done', 'of', 'by', 'at'];

function rowOf(context: CliContext, operation: Operation): Cell[] {
  const { id, command, dryRun, done, total, by, at } = operation;
  const what = dryRun ? `${command} (dry run)` : command;
  const headline = operationHeadline(operation).toLowerCase();
  return [id, what, headline, String(done), total === null ? '' : String(total), by.name, formatTableTime(context, at)];
}

interface BeginOptions extends Filter, IdempotencyOptions, WaitOptions {
  readonly expected: number;
  readonly policy?: PolicyDocument;
  readonly userIds?: string[];
  readonly perSecond?: number;
  readonly dryRun?: boolean;
  readonly dryRunId?: string;
}

const BEGIN = 'Applies one command to every journey that matches a filter. Make a dry run first.';
const BEGIN_EXAMPLES = [
  'operations begin retry --step stalled --expected 312 --dry-run --wait sFOX was away',
  'operations begin retry --step stalled --expected 312 --dry-run-id 0b5a1f86-… --wait sFOX was away',
] as const;
const userIdsOf = (text: string) => text.split(',').map((userId) => userId.trim());

function begin(group: Command, context: CliContext): void {
  const added = withKeyOption(withFilterOptions(addCommand(group, 'begin', BEGIN, ...BEGIN_EXAMPLES)));
  withWaitOption(withYesOption(added))
    .addArgument(new Argument('<command>', 'the command to apply').choices(journeyOperationCommands))
    .addArgument(reasonArgument())
    .requiredOption(
      '--expected <count>',
      'the number of matching journeys; rejected if it differs',
      parsePositiveInteger,
    )
    .option('--policy <file>', 'with adoptPolicy: the policy file that the journeys adopt', readPolicyDocument)
    .option('--user-ids <users>', 'only these users, separated by commas, at most 200', userIdsOf)
    .option('--per-second <count>', 'journeys per second', parsePositiveNumber)
    .option('--dry-run', 'first: change nothing; report the expected result for each journey')
    .option('--dry-run-id <id>', 'then: apply to the journeys of this dry run that still match')
    .action(async (command: OperationRequest['command'], reason: string[], given: BeginOptions) => {
      const { expected, dryRun = false, dryRunId } = given;
      if (dryRun === (dryRunId !== undefined)) {
        group.error('error: give --dry-run first, and then --dry-run-id with the id of that dry run');
      }
      const target = `${expected} ${operationTarget(command, expected)}`;
      if (!dryRun) await confirm(context, added, { facts: operationFacts(command), target });
      await startOperation(context, requestOf(command, reason, given), given);
    });
}

function requestOf(command: OperationRequest['command'], reason: string[], given: BeginOptions): OperationRequest {
  const { expected, policy, userIds, perSecond, dryRun = false, dryRunId } = given;
  return {
    command,
    ...(policy !== undefined && { policy }),
    filter: { ...filterOf(given), ...(userIds !== undefined && { userIds }) },
    expected,
    ...(perSecond !== undefined && { perSecond }),
    ...(dryRun && { dryRun }),
    ...(dryRunId !== undefined && { dryRunId }),
    reason: reason.join(' '),
  };
}

async function startOperation(
  context: CliContext,
  request: OperationRequest,
  { key, wait = false }: BeginOptions,
): Promise<void> {
  const client = connectClient(context, 'operator');
  const started = await withIdempotencyKey(key, (once) => client.startOperation(request, once));
  await printStarted(context, client, started, { wait });
}

function show(group: Command, context: CliContext): void {
  const description = 'Shows the progress of a bulk operation and its result for each user';
  const examples = ['operations show 0b5a1f86-…', 'operations show 0b5a1f86-… --watch'] as const;
  withPageOptions(addRead(group, 'show', description, ...examples))
    .addArgument(operationArgument())
    .action(async (id: string, page: PageOptions) => {
      const client = connectClient(context, 'viewer');
      await printRead(
        context,
        () => client.operation(id, pageRequestOf(page)),
        (report) => showReport(context, report),
        hasEnded,
      );
    });
}

function stop(group: Command, context: CliContext): void {
  addCommand(
    group,
    'stop',
    'Stops a bulk operation once the commands in flight are done',
    'operations stop 0b5a1f86-… wrong filter',
  )
    .addArgument(operationArgument())
    .addArgument(reasonArgument())
    .action(async (id: string, reason: string[]) => {
      const stopped = await connectClient(context, 'operator').stopOperation(id, { reason: reason.join(' ') });
      printReply(context, stopped, (shown) => context.out.writeLine(stoppedText(shown)));
    });
}
