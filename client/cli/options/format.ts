import { Option } from 'commander';
import type { Command } from 'commander';
import { formats } from '../output/output.ts';
import type { Format } from '../output/output.ts';

/** Adds `--output`, and `--json`, its short form for scripts. */
export function withFormatOptions(command: Command): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'print a document; with json, errors as well').choices(formats))
    .addOption(new Option('--json', 'short for --output json').conflicts('output'));
}

/** Applies the format options of the command that runs. */
export function applyFormatOptions(out: { format: Format | undefined }, command: Command): void {
  const { json = false, output } = command.opts<{ json?: boolean; output?: Format }>();
  out.format = json ? 'json' : output;
}

/** Whether a command line requests JSON. This does not need a parsed command line, so that parse errors are JSON too. */
export function asksForJson(args: readonly string[]): boolean {
  return args.some(
    (arg, at) =>
      ['--json', '--output=json', '-ojson'].includes(arg) ||
      (arg === 'json' && ['--output', '-o'].includes(args[at - 1] ?? '')),
  );
}
