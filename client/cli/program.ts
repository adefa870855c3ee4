import { Command, Option } from 'commander';
import { addCompletion } from './completion.ts';
import { addCommands } from './commands.ts';
import { addOperating } from './operating.ts';
import { addReading } from './reading.ts';
import { addBulk } from './bulk.ts';
import { addRecovery } from './recovery.ts';
import { addReplay } from './replay.ts';
import { addWebhooks } from './webhooks.ts';
import type { Desk } from './desk.ts';

/** The command tree. From it come the help, the completion and the checks of what was typed. */
export function createProgram(desk: Desk, complain: (text: string) => void): Command {
  const program = new Command('onward')
    .description(
      'Brings people who have signed up to verified. Finds the gateway by ONWARD_URL and ONWARD_TOKEN, or in .onward.',
    )
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 misuse, 3 not allowed now.')
    .configureOutput({
      writeOut: (text) => void desk.out.stream.write(text),
      writeErr: complain,
      outputError: (text, write) => write(text.replace(/^error: /, '')),
    })
    .exitOverride()
    // A word inside a family has options of the same names as the family itself.
    .enablePositionalOptions();
  addCommands(program, desk);
  addReading(program, desk);
  addBulk(program, desk);
  addRecovery(program, desk);
  addWebhooks(program, desk);
  addOperating(program, desk);
  addReplay(program, desk);
  addCompletion(program, desk);
  for (const command of everyCommand(program))
    command.addOption(new Option('--json', 'answer in JSON; on stderr, too, what went wrong'));
  return program;
}

function everyCommand(command: Command): Command[] {
  return command.commands.flatMap((each) => [each, ...everyCommand(each)]);
}
