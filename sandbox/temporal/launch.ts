import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { guard } from './guard.ts';

export interface Launched {
  readonly pid: number;
  /** Aborted when the process has ended, with an error that says how. */
  readonly gone: AbortSignal;
  /** Asks it to end, kills it after 5 s, and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Runs a binary that writes to a log file (begun anew). It is not hit by Ctrl-C in our terminal, so that we can end in
 * order and stop it last; it does not outlive us, nor keep us alive.
 */
export async function launch(binary: string, args: readonly string[], logFile: string): Promise<Launched> {
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, 'w');
  try {
    const child = spawn(binary, args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
    return await watch(child);
  } finally {
    await log.close();
  }
}

async function watch(child: ChildProcess): Promise<Launched> {
  const gone = new AbortController();
  child.once('exit', (code, signal) => gone.abort(new Error(`it ended with ${signal ?? `code ${code}`}`)));
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('the system gave no process id');
  const unguard = guard(pid);
  gone.signal.addEventListener('abort', unguard);
  child.unref();
  return { pid, gone: gone.signal, stop: () => stop(child, gone.signal) };
}

async function stop(child: ChildProcess, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return;
  const ended = once(child, 'exit');
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
