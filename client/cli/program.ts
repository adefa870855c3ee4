import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addJourneyCommands } from './commands/journey.ts';
import { addSetupCommands } from './installation/setup.ts';
import { addStatisticsCommand } from './commands/statistics.ts';
import { addListCommands } from './commands/list.ts';
import { addOpenCommand } from './commands/open.ts';
import { addStatusCommands } from './commands/status.ts';
import { addBulkOperationCommands } from './commands/bulk-operations.ts';
import { addProcessCommands } from './installation/processes.ts';
import { addExportCommand, addReceiptCommands } from './commands/receipts.ts';
import { addReconciliationCommands } from './commands/reconciliation.ts';
import { addOperatorCommands } from './commands/operators.ts';
import { addRecoveryCommands } from './commands/recovery.ts';
import { addDoctorCommand } from './installation/doctor.ts';
import { addReplayCommand } from './installation/replay.ts';
import { addWebhookCommands } from './commands/webhooks.ts';
import { addWhatIfCommands } from './commands/what-if.ts';
import { addCompletionCommands } from './completion/commands.ts';
import type { CliContext } from './context.ts';
import { applyFormatOptions, withFormatOptions } from './options/format.ts';
import { applyWatchOptions } from './options/watch.ts';
import { suggestChoices } from './suggestions.ts';

const { version } = createRequire(import.meta.url)('onward/package.json') as { readonly version: string };

type AddCommands = (program: Command, context: CliContext) => void;

/** The commands, under the headings of the help. */
const groups: { readonly [heading: string]: readonly AddCommands[] } = {
  'One person': [addStatusCommands, addJourneyCommands, addReceiptCommands, addExportCommand, addOpenCommand],
  'All journeys': [addListCommands, addStatisticsCommand, addWhatIfCommands],
  Operations: [
    addBulkOperationCommands,
    addReconciliationCommands,
    addRecoveryCommands,
    addWebhookCommands,
    addOperatorCommands,
  ],
  'This installation': [addSetupCommands, addDoctorCommand, addReplayCommand, addProcessCommands],
  'This program': [addCompletionCommands],
};

/** Creates the command tree: the source of the help, the shell completion and the argument checks. */
export function createProgram(context: CliContext, writeError: (text: string) => void): Command {
  const program = new Command('onward')
    .description(
      'Verifies the e-mail addresses and phone numbers of new users. Connects to the gateway at ONWARD_URL with ONWARD_TOKEN, or to the one in .onward.',
    )
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', '\nExit codes: 0 success, 1 failure, 2 usage error, 3 not allowed in the present state.')
    .configureOutput({
      writeOut: (text) => void context.out.stream.write(text),
      writeErr: writeError,
      outputError: (text, write) => write(text.replace(/^error: /, '')),
    })
    .exitOverride()
    .hook('preAction', (_, command) => {
      applyFormatOptions(context.out, command);
      applyWatchOptions(context, command);
    })
    // A subcommand may have options of the same names as its parent.
    .enablePositionalOptions();
  for (const [heading, parts] of Object.entries(groups)) {
    program.commandsGroup(`${heading}:`);
    for (const add of parts) add(program, context);
  }
  program.helpCommand('help [command]', 'Shows the help of a command');
  for (const command of allCommands(program)) suggestChoices(withFormatOptions(command));
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}
