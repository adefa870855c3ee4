import { CommanderError } from 'commander';
import type { DeploymentEnvironment } from '../config/deployment-environment.ts';
import type { Environment } from '../config/env.ts';
import type { CliContext } from './context.ts';
import { exitCodeOf, exitCodes, toCliError, errorText } from './errors.ts';
import { asksForJson } from './options/format.ts';
import { toSafeJson } from './output/escape.ts';
import { Output } from './output/output.ts';
import { createPrompt } from './prompt.ts';
import { createProgram } from './program.ts';

/**
 * Runs one command line and returns its exit code. An error is one line on `stderr`: plain text, or JSON if the command line requests JSON.
 */
export async function run(
  args: readonly string[],
  env: Environment,
  stdout: NodeJS.WriteStream,
  stderr: Pick<NodeJS.WriteStream, 'write'>,
): Promise<number> {
  const out = new Output(stdout, env);
  const context: CliContext = {
    env,
    out,
    ask: createPrompt(process.stdin, stdout),
    watchInterval: null,
    exit: exitCodes.done,
    showEnvironment: environmentWriter(out, stderr),
  };
  let usageError = '';
  try {
    const argv = args.length === 0 ? ['--help'] : [...args];
    await createProgram(context, (text) => (usageError += text)).parseAsync(argv, { from: 'user' });
    return context.exit;
  } catch (error) {
    const isCommanderError = error instanceof CommanderError;
    // `--help` and `--version` also end in a CommanderError.
    if (isCommanderError && error.exitCode === 0) return exitCodes.done;
    const toOneLine = (text: string) => text.trim().replace(/\s*\n\s*/g, ' ');
    const detail = toOneLine(isCommanderError ? usageError : errorText(error));
    const failure = isCommanderError ? { ...toCliError(error), detail } : toCliError(error);
    stderr.write(asksForJson(args) ? `${toSafeJson(failure)}\n` : `onward: ${detail}\n`);
    return exitCodeOf(error);
  }
}

/** Returns a function that writes the environment to standard error, and only if standard output is a terminal. */
function environmentWriter({ isTerminal, colours }: Output, stderr: Pick<NodeJS.WriteStream, 'write'>) {
  let isShown = false;
  return ({ name, colour }: DeploymentEnvironment) => {
    if (isTerminal && !isShown) stderr.write(`${colours.inverse(colours[colour](` ${name} `))}\n`);
    isShown = true;
  };
}
