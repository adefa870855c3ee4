import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of the bench's own: what is measured runs apart from who measures it. */
export interface Child {
  readonly pid: number;
  /** Asks for what the process offers by this name. */
  ask<T>(name: string, given?: unknown): Promise<T>;
  /** Hears what the process says of its own accord. */
  hear(listener: (told: unknown) => void): void;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Asks it to end in order. */
  end(): Promise<void>;
}

export interface Said {
  readonly answerTo?: number;
  readonly value?: unknown;
  readonly failed?: string;
  readonly told?: unknown;
}

export interface Options {
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What a process ends in, when it is slow to end in order. */
const LONGEST_END = 30_000;

/** Starts a process, and waits until it is ready. It never outlives this one: it ends when the channel between them closes. */
export async function startChild(
  entry: URL,
  given: unknown,
  { execArgv = [], env = {}, cwd }: Options = {},
): Promise<Child> {
  const child = fork(fileURLToPath(entry), [JSON.stringify(given)], {
    execArgv: [...execArgv],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(cwd !== undefined && { cwd }),
  });
  const gone = once(child, 'exit');
  const open = new Map<number, { done(value: unknown): void; fail(error: Error): void }>();
  const listeners = new Set<(told: unknown) => void>();
  let asked = 0;
  child.on('message', ({ answerTo, value, failed, told }: Said) => {
    if (told !== undefined) for (const listener of listeners) listener(told);
    const waiting = answerTo === undefined ? undefined : open.get(answerTo);
    if (answerTo !== undefined) open.delete(answerTo);
    if (failed === undefined) waiting?.done(value);
    else waiting?.fail(new Error(failed));
  });
  void gone.then(() => {
    for (const one of open.values()) one.fail(new Error('the process has ended'));
  });
  const ask = <T>(name: string, given?: unknown) =>
    new Promise<T>((done, fail) => {
      open.set(++asked, { done: (value) => done(value as T), fail });
      child.send({ nth: asked, name, given });
    });
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_END);
    await gone;
    clearTimeout(late);
  };
  await ask('ready');
  return {
    pid: child.pid ?? 0,
    ask,
    hear: (listener) => void listeners.add(listener),
    kill: () => end('SIGKILL'),
    end: () => end('SIGTERM'),
  };
}
