import type { Command } from 'commander';
import { awaitsText } from '../../presentation/operation-text.ts';
import type { Created, OnwardClient, Operation } from '../../http-client/index.ts';
import { printReply } from '../context.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../errors.ts';
import { showReport } from '../output/operation-report.ts';
import { hasEnded, waitForEnd } from '../output/progress.ts';

/** The option of a command that starts a bulk operation. */
export interface WaitOptions {
  readonly wait?: boolean;
}

/** Adds `--wait`. */
export function withWaitOption(command: Command): Command {
  return command.option('--wait', 'wait until it has ended, and print the result');
}

/** Prints how to follow a bulk operation that was started; with `--wait`, waits for its end and prints the result. */
export async function printStarted(
  context: CliContext,
  client: Pick<OnwardClient, 'operation'>,
  started: Created,
  { wait = false }: WaitOptions,
): Promise<void> {
  const { out } = context;
  if (!wait) {
    const text = out.isTerminal ? startedText(await client.operation(started.id, { limit: 1 })) : started.id;
    return printReply(context, started, () => out.writeLine(text));
  }
  const ended = await waitForEnd(out, () => client.operation(started.id), hasEnded);
  printReply(context, ended, (report) => {
    showReport(context, report);
    if (report.dryRun && out.isTerminal) out.writeLine(applyText(report.id));
  });
  context.exit = exitCodeOfOperation(ended);
}

/** An operation that was applied to nothing has not succeeded, even as a dry run. */
function exitCodeOfOperation({ state, results, outcomes }: Operation): number {
  if (state !== 'done') return exitCodes.failed;
  if (results.applied > 0) return exitCodes.done;
  return results.unanswered + outcomes.undelivered > 0 ? exitCodes.failed : exitCodes.notNow;
}

function startedText(operation: Operation): string {
  const { id, dryRun } = operation;
  const awaits = awaitsText(operation);
  return [
    `${awaits === null ? 'started' : 'asked for'}: onward operations show ${id}`,
    ...(awaits === null ? [] : [awaits]),
    ...(dryRun ? [applyText(id)] : []),
  ].join('\n');
}

const applyText = (id: string) => `to apply it, repeat the command with --dry-run-id ${id} instead of --dry-run`;
