import type { Command } from 'commander';
import { parsePositiveNumber } from './numbers.ts';

const DEFAULT_INTERVAL_S = 2;

/** Adds `--watch` and `--interval`. */
export function withWatchOptions(command: Command): Command {
  return command
    .option('-w, --watch', 'repeat until Ctrl-C; in a pipe, print only changes')
    .option('--interval <seconds>', 'the interval of --watch', parsePositiveNumber, DEFAULT_INTERVAL_S);
}

/** Applies the watch options of the command that runs. */
export function applyWatchOptions(context: { watchInterval: number | null }, command: Command): void {
  const { watch = false, interval = DEFAULT_INTERVAL_S } = command.opts<{ watch?: boolean; interval?: number }>();
  context.watchInterval = watch ? interval * 1_000 : null;
}
