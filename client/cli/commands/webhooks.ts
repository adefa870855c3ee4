import { Option } from 'commander';
import type { Command } from 'commander';
import { undeliveredStates } from '../../../workflows/contract.ts';
import type { UndeliveredState } from '../../../workflows/contract.ts';
import type { Webhooks } from '../../http-client/index.ts';
import {
  addCommand,
  addReadGroup,
  connectClient,
  printRead,
  printReply,
  reasonArgument,
  webhookArgument,
} from '../context.ts';
import type { CliContext } from '../context.ts';
import { withIdempotencyKey, withKeyOption } from '../options/idempotency-key.ts';
import type { IdempotencyOptions } from '../options/idempotency-key.ts';
import { parsePositiveNumber } from '../options/numbers.ts';
import { pageRequestOf, withPageOptions, printNext } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { formatTableTime } from '../output/format-status.ts';
import { printStarted, withWaitOption } from './started-operation.ts';
import type { WaitOptions } from './started-operation.ts';

/** Adds `webhooks` and its subcommands. */
export function addWebhookCommands(program: Command, context: CliContext): void {
  const description = 'Lists undelivered webhooks and resends them';
  const group = withPageOptions(
    addReadGroup(program, 'webhooks', description, 'webhooks --limit 20', 'webhooks resend msg_2f'),
  );
  group.action(async (page: PageOptions) => {
    const client = connectClient(context, 'viewer');
    await printRead(
      context,
      () => client.webhooks(pageRequestOf(page)),
      (found) => printWebhooks(context, found),
    );
  });
  addCommand(group, 'resend', 'Delivers a webhook again, immediately', 'webhooks resend msg_2f')
    .addArgument(webhookArgument())
    .action(async (id: string) => {
      const sent = await connectClient(context, 'operator').resendWebhook(id);
      printReply(context, sent, ({ id: shown }) => context.out.writeLine(`${shown} is being sent again`));
    });
  resendAll(group, context);
}

interface ResendOptions extends IdempotencyOptions, WaitOptions {
  readonly state?: UndeliveredState;
  readonly userId?: string;
  readonly perSecond?: number;
}

function resendAll(group: Command, context: CliContext): void {
  const description = 'Starts a bulk operation that delivers all undelivered webhooks that match a filter again';
  const example = 'webhooks resend-all --state givenUp --wait the receiver is back';
  withWaitOption(withKeyOption(addCommand(group, 'resend-all', description, example)))
    .addArgument(reasonArgument())
    .addOption(new Option('--state <state>', 'only those in this state').choices(undeliveredStates))
    .option('--user-id <user>', 'only those of this user')
    .option('--per-second <count>', 'webhooks per second', parsePositiveNumber)
    .action(async (reason: string[], { state, userId, perSecond, key, wait = false }: ResendOptions) => {
      const client = connectClient(context, 'operator');
      const request = { filter: { state, userId }, perSecond, reason: reason.join(' ') };
      const started = await withIdempotencyKey(key, (once) => client.resendWebhooks(request, once));
      await printStarted(context, client, started, { wait });
    });
}

function printWebhooks(context: CliContext, { items, next }: Webhooks): void {
  const rows = items.map(({ id, userId, revision, state, attempts, nextAttemptAt, problem }) => [
    id,
    userId,
    String(revision),
    state,
    String(attempts),
    nextAttemptAt === null ? '' : formatTableTime(context, nextAttemptAt),
    problem ?? '',
  ]);
  context.out.table(['webhook-id', 'user', 'revision', 'state', 'tries', 'next try', 'problem'], rows);
  printNext(context, next);
}
