import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { guard } from './guard.ts';

export interface Run {
  /** Milliseconds; then the command is killed, with all it started. None: as long as it takes. */
  readonly limit?: number;
}

/** Runs a command to its end. Throws with the last of its error output when it fails, and when its time is up. */
export async function run(command: string, args: readonly string[], { limit }: Run = {}): Promise<void> {
  // A process group of its own, so that all of it can be killed and nothing else.
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2000)));
  const ended = once(child, 'exit');
  if (child.pid === undefined) return void (await ended);
  const group = -child.pid;
  const unguard = guard(group);
  let late = false;
  const timer = limit === undefined ? undefined : setTimeout(() => (late = endGroup(group)), limit);
  const [code] = await ended.finally(() => {
    clearTimeout(timer);
    unguard();
    child.stderr.destroy();
  });
  if (late) throw new Error(`not done within ${limit} ms`);
  if (code !== 0) throw new Error(errors.trim() || `ended with code ${code}`);
}

function endGroup(group: number): boolean {
  try {
    return process.kill(group, 'SIGKILL');
  } catch {
    return false;
  }
}
