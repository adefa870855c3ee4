import { Option } from 'commander';
import type { Command } from 'commander';
import type { Channel, CodeAnswer, StartRequest, Status } from '../http/index.ts';
import { answer, channelArgument, door, reasonArgument, userArgument, word } from './desk.ts';
import type { Desk } from './desk.ts';
import { keyed, under } from './keyed.ts';
import type { Keyed } from './keyed.ts';
import { tellStatus } from './tell.ts';

interface Given {
  readonly json?: boolean;
}

/** The words that tell a journey something. */
export function addCommands(program: Command, desk: Desk): void {
  const tell = (options: Given, status: Status) => {
    answer(desk, options, status, () => desk.out.say(tellStatus(status)));
  };
  start(program, desk, tell);
  code(program, desk);
  resend(program, desk, tell);
  recheck(program, desk, tell);
  const byOperator = (name: 'retry' | 'pause' | 'resume' | 'cancel' | 'restart', does: string, why: string) => {
    keyed(word(program, name, does, `${name} ada ${why}`))
      .addArgument(userArgument())
      .addArgument(reasonArgument())
      .action(async (user: string, reason: string[], { key, ...options }: Given & Keyed) => {
        const request = { reason: reason.join(' ') };
        tell(options, await under(key, (once) => door(desk, 'operator')[name](user, request, once)));
      });
  };
  byOperator('retry', 'Sends what is due, or opens a locked channel', 'the mailbox works again');
  byOperator('pause', 'Holds a journey', 'under review');
  byOperator('resume', 'Lets a paused journey go on', 'review is over');
  byOperator('cancel', 'Ends a journey', 'the user asked for it');
  byOperator('restart', 'Begins anew after an expired or cancelled journey', 'the user is back');
  override(program, desk, tell);
  erase(program, desk);
}

type Tell = (options: Given, status: Status) => void;

function start(program: Command, desk: Desk, tell: Tell): void {
  word(program, 'start', 'Starts a journey; one that exists is found and never touched', 'start ada --type business')
    .addArgument(userArgument())
    .addOption(new Option('--type <type>', 'account type').choices(['individual', 'business']).default('individual'))
    .addOption(new Option('--first-email <what>', 'overrides the policy').choices(['send', 'alreadySent']))
    .addOption(new Option('--sms-start <when>', 'overrides the policy').choices(['automatic', 'onRequest']))
    .action(async (user: string, options: Given & StartRequest & { type: StartRequest['accountType'] }) => {
      const { type: accountType, firstEmail, smsStart } = options;
      const request = { accountType, ...(firstEmail && { firstEmail }), ...(smsStart && { smsStart }) };
      tell(options, await door(desk, 'app').start(user, request));
    });
}

function code(program: Command, desk: Desk): void {
  keyed(word(program, 'code', 'Has a code judged; exits with 0 where it was right', 'code ada email 482915'))
    .addArgument(userArgument())
    .addArgument(channelArgument())
    .argument('<code>', '4 to 10 digits')
    .action(async (user: string, channel: Channel, digits: string, { key, ...options }: Given & Keyed) => {
      const request = { channel, code: digits };
      const given = await under(key, (once) => door(desk, 'app').submitCode(user, request, once));
      answer(desk, options, given, () => desk.out.say(tellCode(given, key)));
      if (given.outcome !== 'verified') desk.exit = 1;
    });
}

function tellCode(given: CodeAnswer, key: string): string {
  if (given.outcome === 'pending') return `no verdict yet: the same command with --key ${key} tells it`;
  return `${given.outcome}\n${tellStatus(given.status)}`;
}

function resend(program: Command, desk: Desk, tell: Tell): void {
  keyed(word(program, 'resend', 'Asks for another code, or for the first text', 'resend ada'))
    .addArgument(userArgument())
    .addOption(new Option('--channel <channel>', 'else the one that is due').choices(['email', 'sms']))
    .action(async (user: string, { key, channel, ...options }: Given & Keyed & { channel?: Channel }) => {
      tell(options, await under(key, (once) => door(desk, 'app').resend(user, { channel }, once)));
    });
}

function recheck(program: Command, desk: Desk, tell: Tell): void {
  keyed(word(program, 'recheck', 'Asks for the provider’s own record, and moves on accordingly', 'recheck ada'))
    .addArgument(userArgument())
    .option('--reason <reason>', 'why; it stands in the timeline')
    .action(async (user: string, { key, reason, ...options }: Given & Keyed & { reason?: string }) => {
      tell(options, await under(key, (once) => door(desk, 'app').recheck(user, { reason }, once)));
    });
}

function override(program: Command, desk: Desk, tell: Tell): void {
  keyed(word(program, 'override', 'Declares a channel verified', 'override ada email passport was shown'))
    .addArgument(userArgument())
    .addArgument(channelArgument())
    .addArgument(reasonArgument())
    .action(async (user: string, channel: Channel, reason: string[], { key, ...options }: Given & Keyed) => {
      const request = { channel, reason: reason.join(' ') };
      tell(options, await under(key, (once) => door(desk, 'operator').override(user, request, once)));
    });
}

function erase(program: Command, desk: Desk): void {
  word(program, 'erase', 'Erases all that is known of a user, for good', 'erase ada --yes the user asked for it')
    .addArgument(userArgument())
    .addArgument(reasonArgument())
    .requiredOption('--yes', 'you mean it: nothing brings it back')
    .action(async (user: string, reason: string[], options: Given) => {
      const erased = await door(desk, 'operator').erase(user, { reason: reason.join(' ') });
      answer(desk, options, erased, () => desk.out.say(`${erased.userId} is erased`));
    });
}
