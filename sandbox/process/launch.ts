import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bareEnvironment } from './bare-environment.ts';
import { killWithParent } from './kill-with-parent.ts';

export interface LaunchedProcess {
  readonly pid: number;
  /** Aborted when the process has exited; the reason is an error with its exit code or signal. */
  readonly exited: AbortSignal;
  /** Sends SIGTERM, then SIGKILL after 5 s. Resolves when the process has exited. */
  stop(): Promise<void>;
}

/** Overwrites the file, but not the one that a symbolic link in its place names. */
const LOG_FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

/**
 * Runs a binary with its output in a log file, which is overwritten. Ctrl-C in the terminal does not reach it, so that it can be
 * stopped last. It sees no settings of Onward in its environment but the given ones. It does not outlive this process, and does not keep the event loop alive.
 */
export async function launch(
  binary: string,
  args: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): Promise<LaunchedProcess> {
  await mkdir(dirname(logFile), { recursive: true });
  const log = await open(logFile, LOG_FLAGS, 0o600);
  try {
    const child = spawn(binary, args, {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: { ...bareEnvironment(), ...env },
    });
    return await watch(child);
  } finally {
    await log.close();
  }
}

async function watch(child: ChildProcess): Promise<LaunchedProcess> {
  const exited = new AbortController();
  child.once('exit', (code, signal) => exited.abort(new Error(`it exited with ${signal ?? `code ${code}`}`)));
  await once(child, 'spawn');
  const { pid } = child;
  if (pid === undefined) throw new Error('the operating system assigned no process id');
  const unguard = killWithParent(pid);
  exited.signal.addEventListener('abort', unguard);
  child.unref();
  return { pid, exited: exited.signal, stop: () => stop(child, exited.signal) };
}

async function stop(child: ChildProcess, exited: AbortSignal): Promise<void> {
  if (exited.aborted) return;
  const ended = once(child, 'exit');
  child.ref();
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(timer);
}
