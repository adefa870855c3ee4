import { CommanderError } from 'commander';
import type { Environment } from '../environment.ts';
import { exitOf, exits, failureOf, wordsOf } from './failure.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';

/**
 * Carries out one line of words. Gives the exit code; whatever went wrong is one line of `stderr`, plain, or JSON where
 * that was asked for.
 */
export async function run(
  words: readonly string[],
  env: Environment,
  stdout: NodeJS.WriteStream,
  stderr: Pick<NodeJS.WriteStream, 'write'>,
): Promise<number> {
  const desk = { env, out: new Output(stdout, env), exit: exits.done as number };
  let complaint = '';
  try {
    const asked = words.length === 0 ? ['--help'] : [...words];
    await createProgram(desk, (text) => (complaint += text)).parseAsync(asked, { from: 'user' });
    return desk.exit;
  } catch (error) {
    const byCommander = error instanceof CommanderError;
    // Commander has shown its help.
    if (byCommander && error.exitCode === 0) return exits.done;
    const inOneLine = (text: string) => text.trim().replace(/\s*\n\s*/g, ' ');
    const detail = inOneLine(byCommander ? complaint : wordsOf(error));
    const failure = byCommander ? { ...failureOf(error), detail } : failureOf(error);
    stderr.write(words.includes('--json') ? `${JSON.stringify(failure)}\n` : `onward: ${detail}\n`);
    return exitOf(error);
  }
}
