import { Option } from 'commander';
import type { Command } from 'commander';
import { commandFacts, commandNames, lifecycleActions } from '../../../workflows/journey/commands.ts';
import type { CommandName } from '../../../workflows/journey/commands.ts';
import { accountTypes } from '../../../workflows/journey/account-types.ts';
import { channels } from '../../../workflows/journey/channels.ts';
import type { Channel, CodeAnswer, StartRequest, Status } from '../../http-client/index.ts';
import { printReply, channelArgument, connectClient, reasonArgument, userArgument, addCommand } from '../context.ts';
import type { CliContext } from '../context.ts';
import { confirm, withYesOption } from '../options/confirmation.ts';
import { withKeyOption, withIdempotencyKey } from '../options/idempotency-key.ts';
import type { IdempotencyOptions } from '../options/idempotency-key.ts';
import { parsePositiveInteger } from '../options/numbers.ts';
import { printStatus } from '../output/format-status.ts';

/** Adds the commands that change a journey. */
export function addJourneyCommands(program: Command, context: CliContext): void {
  const print = (status: Status) => printReply(context, status, (shown) => context.out.writeLine(printStatus(shown)));
  start(program, context, print);
  code(program, context);
  for (const name of commandNames) command(program, context, print, name);
  supersede(program, context, print);
  restart(program, context, print);
  erase(program, context);
}

type PrintStatus = (status: Status) => void;

function start(program: Command, context: CliContext, print: PrintStatus): void {
  addCommand(
    program,
    'start',
    'Starts a journey. An existing journey is returned unchanged.',
    'start ada',
    'start ada --type business',
  )
    .addArgument(userArgument())
    .addOption(new Option('--type <type>', 'account type').choices(accountTypes).default('individual'))
    .addOption(new Option('--first-email <what>', 'override the policy').choices(['send', 'alreadySent']))
    .addOption(new Option('--sms-start <when>', 'override the policy').choices(['automatic', 'onRequest']))
    .action(async (user: string, options: StartRequest & { type: StartRequest['accountType'] }) => {
      const { type: accountType, firstEmail, smsStart } = options;
      const request = { accountType, ...(firstEmail && { firstEmail }), ...(smsStart && { smsStart }) };
      print(await connectClient(context, 'app').start(user, request));
    });
}

function code(program: Command, context: CliContext): void {
  withKeyOption(
    addCommand(program, 'code', 'Submits a verification code. Exits 0 if it is correct.', 'code ada email 482915'),
  )
    .addArgument(userArgument())
    .addArgument(channelArgument())
    .argument('<code>', '4 to 10 digits')
    .action(async (user: string, channel: Channel, digits: string, { key }: IdempotencyOptions) => {
      const request = { channel, code: digits };
      const answer = await withIdempotencyKey(key, (once) =>
        connectClient(context, 'app').submitCode(user, request, once),
      );
      printReply(context, answer, (shown) => context.out.writeLine(printCodeOutcome(shown, key)));
      if (answer.outcome !== 'verified') context.exit = 1;
    });
}

function printCodeOutcome(answer: CodeAnswer, key: string): string {
  if (answer.outcome === 'pending') return `no result yet; repeat the command with --key ${key} to get it`;
  return `${answer.outcome}\n${printStatus(answer.status)}`;
}

interface CommandOptions extends IdempotencyOptions {
  readonly ifRevision?: number;
  readonly channel?: Channel;
  readonly reason?: string;
}

/** Adds a command of the catalogue. A required argument is an argument of the CLI, an optional one an option. */
function command(program: Command, context: CliContext, print: PrintStatus, name: CommandName): void {
  const { summary, channel, reason, roles, example } = commandFacts(name);
  const args = [
    ...(channel === 'required' ? [example.channel] : []),
    ...(channel === 'optional' && example.channel !== undefined ? [`--channel ${example.channel}`] : []),
    ...(reason === 'required' ? [example.reason] : []),
  ];
  const added = withKeyOption(addCommand(program, name, summary, [name, 'ada', ...args].join(' ')));
  if (commandFacts(name).confirmation !== 'none') withYesOption(added);
  added.addArgument(userArgument());
  if (channel === 'required') added.addArgument(channelArgument());
  if (channel === 'optional') {
    added.addOption(new Option('--channel <channel>', 'default: the current channel').choices(channels));
  }
  if (reason === 'required') added.addArgument(reasonArgument());
  if (reason === 'optional') added.option('--reason <reason>', 'the reason, recorded in the audit log');
  const revision = 'reject the command unless the journey has this revision; `status --json` shows it';
  added.option('--if-revision <revision>', revision, parsePositiveInteger);
  added.action(async () => {
    const { key, ifRevision, ...options } = added.opts<CommandOptions>();
    const [user = '', ...rest] = added.args;
    await confirm(context, added, { facts: commandFacts(name), target: user });
    const request = {
      channel: channel === 'required' ? (rest.shift() as Channel) : options.channel,
      reason: reason === 'required' ? rest.join(' ') : options.reason,
    };
    const [role = 'operator'] = roles;
    print(
      await withIdempotencyKey(key, (once) =>
        connectClient(context, role).send(name, user, request, { ...once, ifRevision }),
      ),
    );
  });
}

interface SupersedeOptions extends IdempotencyOptions {
  readonly reason: string;
  readonly channel?: Channel;
}

function supersede(program: Command, context: CliContext, print: PrintStatus): void {
  const { summary, example } = lifecycleActions.supersede;
  withKeyOption(addCommand(program, 'supersede', summary, `supersede ada ada-2 --reason '${example.reason}'`))
    .addArgument(userArgument())
    .argument('<newUser>', 'the user id under which the person is registered again at sFOX')
    .requiredOption('--reason <reason>', 'the reason, recorded in both timelines')
    .addOption(
      new Option('--channel <channel>', 'the channel that changes: its counters start at zero').choices(channels),
    )
    .action(async (user: string, newUserId: string, { key, reason, channel }: SupersedeOptions) => {
      const request = { newUserId, reason, ...(channel !== undefined && { channel }) };
      print(await withIdempotencyKey(key, (once) => connectClient(context, 'operator').supersede(user, request, once)));
    });
}

function restart(program: Command, context: CliContext, print: PrintStatus): void {
  const { summary, example } = lifecycleActions.restart;
  withKeyOption(addCommand(program, 'restart', summary, `restart ada ${example.reason}`))
    .addArgument(userArgument())
    .addArgument(reasonArgument())
    .action(async (user: string, reason: string[], { key }: IdempotencyOptions) => {
      const request = { reason: reason.join(' ') };
      print(await withIdempotencyKey(key, (once) => connectClient(context, 'operator').restart(user, request, once)));
    });
}

function erase(program: Command, context: CliContext): void {
  const { summary, example } = lifecycleActions.erase;
  const command = withYesOption(addCommand(program, 'erase', summary, `erase ada --yes ${example.reason}`));
  command
    .addArgument(userArgument())
    .addArgument(reasonArgument())
    .action(async (user: string, reason: string[]) => {
      await confirm(context, command, { facts: lifecycleActions.erase, target: user });
      const erased = await connectClient(context, 'operator').erase(user, { reason: reason.join(' ') });
      printReply(context, erased, ({ userId }) => context.out.writeLine(`${userId} is erased`));
    });
}
