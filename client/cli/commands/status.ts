import type { Command } from 'commander';
import { addRead, connectClient, printRead, printReply, userArgument } from '../context.ts';
import type { CliContext } from '../context.ts';
import { formatTableTime, printStatus } from '../output/format-status.ts';
import { watchStatus } from '../output/watch.ts';

/** Adds the commands that read one journey. */
export function addStatusCommands(program: Command, context: CliContext): void {
  status(program, context);
  timeline(program, context);
}

function status(program: Command, context: CliContext): void {
  const description = 'Shows the state of a journey and the commands it allows';
  addRead(program, 'status', description, 'status ada', 'status ada --watch', 'status ada --json | jq .state')
    .addArgument(userArgument())
    .action(async (user: string) => {
      const client = connectClient(context, 'operator');
      if (context.watchInterval !== null) return watchStatus(context.out, client.watch(user));
      printReply(context, await client.status(user), (shown) => context.out.writeLine(printStatus(shown)));
    });
}

function timeline(program: Command, context: CliContext): void {
  addRead(program, 'timeline', 'Shows the events of a journey', 'timeline ada', 'timeline ada --output csv')
    .addArgument(userArgument())
    .action(async (user: string) => {
      const client = connectClient(context, 'viewer');
      await printRead(
        context,
        () => client.timeline(user),
        ({ items }) => {
          const rows = items.map(({ at, what, by, reason }) => [
            formatTableTime(context, at),
            what,
            by ?? '',
            reason ?? '',
          ]);
          context.out.table(['at', 'what', 'by', 'reason'], rows);
        },
      );
    });
}
