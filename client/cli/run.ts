import { CommanderError } from 'commander';
import type { Environment } from '../environment.ts';
import { Problem } from '../http/index.ts';
import { SettingError } from '../settings.ts';
import { Output } from './output.ts';
import { createProgram } from './program.ts';
import { tellAllowed } from './tell.ts';

/** What a script learns from the exit code. */
export const exits = { done: 0, failed: 1, misuse: 2, notNow: 3 } as const;

/** Carries out one line of words. Gives the exit code; whatever went wrong is one plain line of `stderr`. */
export async function run(
  words: readonly string[],
  env: Environment,
  stdout: NodeJS.WriteStream,
  stderr: Pick<NodeJS.WriteStream, 'write'>,
): Promise<number> {
  const complain = (text: string) => void stderr.write(`${text.trim().replace(/\s*\n\s*/g, ' ')}\n`);
  const desk = { env, out: new Output(stdout, env), exit: exits.done as number };
  try {
    const asked = words.length === 0 ? ['--help'] : [...words];
    await createProgram(desk, complain).parseAsync(asked, { from: 'user' });
    return desk.exit;
  } catch (error) {
    // Commander has complained, or shown its help, by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exits.done : exits.misuse;
    complain(`onward: ${wordsOf(error)}`);
    return exitOf(error);
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof Problem) || error.allowed === null) return error.message;
  return `${error.message}; ${tellAllowed(error.allowed, error.state)}`;
}

function exitOf(error: unknown): number {
  if (error instanceof SettingError) return exits.misuse;
  if (!(error instanceof Problem)) return exits.failed;
  if (error.code === 'not_now' || error.code === 'cooling_down') return exits.notNow;
  return error.code === 'bad_request' ? exits.misuse : exits.failed;
}
