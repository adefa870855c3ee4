import { Option } from 'commander';
import type { Command } from 'commander';
import { undeliveredStates } from '../../webhooks/undelivered.ts';
import type { UndeliveredState } from '../../webhooks/undelivered.ts';
import type { ResentPage, Webhooks } from '../../http-client/index.ts';
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
import { pageRequestOf, withPageOptions, printNext } from '../options/pagination.ts';
import type { PageOptions } from '../options/pagination.ts';
import { formatTableTime } from '../output/format-status.ts';

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

interface ResendOptions extends IdempotencyOptions {
  readonly state?: UndeliveredState;
  readonly userId?: string;
}

function resendAll(group: Command, context: CliContext): void {
  const description = 'Immediately repeats the delivery of all undelivered webhooks that match a filter';
  withKeyOption(
    addCommand(group, 'resend-all', description, 'webhooks resend-all --state givenUp the receiver is back'),
  )
    .addArgument(reasonArgument())
    .addOption(new Option('--state <state>', 'only those in this state').choices(undeliveredStates))
    .option('--user-id <user>', 'only those of this user')
    .action(async (reason: string[], { state, userId, key }: ResendOptions) => {
      const client = connectClient(context, 'operator');
      const request = { filter: { state, userId }, reason: reason.join(' ') };
      const all: { resent: string[]; failed: ResentPage['failed'] } = { resent: [], failed: [] };
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page: ResentPage = await withIdempotencyKey(key, (once) =>
          client.resendWebhooks(request, { ...once, cursor: cursor ?? undefined }),
        );
        all.resent.push(...page.resent);
        all.failed.push(...page.failed);
        cursor = page.next;
      }
      printReply(context, all, ({ resent, failed }) => {
        context.out.writeLine(`${resent.length} are being sent again, ${failed.length} are not`);
        for (const { id, detail } of failed) context.out.writeLine(`${id}: ${detail}`);
      });
      if (all.failed.length > 0) context.exit = 1;
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
