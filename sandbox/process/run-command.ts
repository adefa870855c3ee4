import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { bareEnvironment } from './bare-environment.ts';
import { killWithParent } from './kill-with-parent.ts';

export interface Run {
  /** Timeout in milliseconds, after which the command and its children are killed. Without it, there is none. */
  readonly limit?: number;
}

/** Runs a command and returns its standard output. Throws at the timeout, or with the end of the error output if it fails. */
export async function run(command: string, args: readonly string[], { limit }: Run = {}): Promise<string> {
  // A separate process group, so that exactly the command and its children can be killed.
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: bareEnvironment(),
  });
  const printed: string[] = [];
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2000)));
  const ended = once(child, 'close') as Promise<[number | null]>;
  if (child.pid === undefined) {
    await ended;
    return '';
  }
  const group = -child.pid;
  const unguard = killWithParent(group);
  let isLate = false;
  const timer = limit === undefined ? undefined : setTimeout(() => (isLate = endGroup(group)), limit);
  const [code] = await ended.finally(() => {
    clearTimeout(timer);
    unguard();
  });
  if (isLate) throw new Error(`it did not finish within ${limit} ms`);
  if (code !== 0)
    throw new Error(errors.trim() || printed.join('').slice(-2000).trim() || `it exited with code ${code}`);
  return printed.join('');
}

function endGroup(group: number): boolean {
  try {
    return process.kill(group, 'SIGKILL');
  } catch {
    return false;
  }
}
