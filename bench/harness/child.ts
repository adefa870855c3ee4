import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A child process of the benchmark, which separates the measured code from the measuring code. */
export interface Child {
  readonly pid: number;
  /** Sends a request to the process and returns the reply. */
  request<T>(name: string, argument?: unknown): Promise<T>;
  /** Subscribes to the messages that the process sends without a request. */
  onMessage(listener: (message: unknown) => void): void;
  /** Kills the process with SIGKILL. */
  kill(): Promise<void>;
  /** Shuts the process down with SIGTERM. */
  end(): Promise<void>;
}

export interface ChildMessage {
  readonly requestId?: number;
  readonly value?: unknown;
  readonly error?: string;
  readonly message?: unknown;
}

export interface ChildOptions {
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** After this time, a process that does not shut down is killed. */
const SHUTDOWN_TIMEOUT_MS = 30_000;

/** Starts a process and waits until it is ready. It never outlives this one: it exits when the IPC channel closes. */
export async function startChild(
  entry: URL,
  argument: unknown,
  { execArgv = [], env = {}, cwd }: ChildOptions = {},
): Promise<Child> {
  const child = fork(fileURLToPath(entry), [JSON.stringify(argument)], {
    execArgv: [...execArgv],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(cwd !== undefined && { cwd }),
  });
  const exited = once(child, 'exit');
  const open = new Map<number, { done(value: unknown): void; fail(error: Error): void }>();
  const listeners = new Set<(message: unknown) => void>();
  let requestCount = 0;
  child.on('message', ({ requestId, value, error, message }: ChildMessage) => {
    if (message !== undefined) for (const listener of listeners) listener(message);
    const waiting = requestId === undefined ? undefined : open.get(requestId);
    if (requestId !== undefined) open.delete(requestId);
    if (error === undefined) waiting?.done(value);
    else waiting?.fail(new Error(error));
  });
  void exited.then(() => {
    for (const one of open.values()) one.fail(new Error('the child process has exited'));
  });
  const request = <T>(name: string, argument?: unknown) =>
    new Promise<T>((done, fail) => {
      open.set(++requestCount, { done: (value) => done(value as T), fail });
      child.send({ nth: requestCount, name, argument });
    });
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    const killTimer = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_TIMEOUT_MS);
    await exited;
    clearTimeout(killTimer);
  };
  await request('ready');
  return {
    pid: child.pid ?? 0,
    request,
    onMessage: (listener) => void listeners.add(listener),
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
  };
}
