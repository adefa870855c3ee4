import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { guard } from './guard.ts';

export interface Run {
  /** Milliseconds; then the command is killed, with all it started. None: as long as it takes. */
  readonly limit?: number;
}

/** Runs a command to its end, and gives what it printed. Throws with the last of its error output when it fails, and when its time is up. */
export async function run(command: string, args: readonly string[], { limit }: Run = {}): Promise<string> {
  // A process group of its own, so that all of it can be killed and nothing else.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
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
  const unguard = guard(group);
  let late = false;
  const timer = limit === undefined ? undefined : setTimeout(() => (late = endGroup(group)), limit);
  const [code] = await ended.finally(() => {
    clearTimeout(timer);
    unguard();
  });
  if (late) throw new Error(`not done within ${limit} ms`);
  if (code !== 0) throw new Error(errors.trim() || printed.join('').slice(-2000).trim() || `ended with code ${code}`);
  return printed.join('');
}

function endGroup(group: number): boolean {
  try {
    return process.kill(group, 'SIGKILL');
  } catch {
    return false;
  }
}
