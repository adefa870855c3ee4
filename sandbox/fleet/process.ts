import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** One of Onward's own processes, compiled, as production runs it. */
export interface OwnProcess {
  readonly kind: ProcessKind;
  /** Of the gateway: its doors. Of the worker: its health and metrics. */
  readonly url: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Asks it to end, and gives its exit code. */
  stop(): Promise<number | null>;
  /** All that it has printed. */
  output(): string;
}

export type ProcessKind = 'worker' | 'gateway';

const kinds: { readonly [K in ProcessKind]: { readonly file: string; readonly listens: RegExp } } = {
  worker: { file: 'dist/worker/main.js', listens: /"port":(\d+).*worker is polling/ },
  gateway: { file: 'dist/client/gateway/main.js', listens: /listening at http:\/\/127\.0\.0\.1:(\d+)/ },
};

/**
 * Starts a process with these variables and no others, on a port that is free, and waits until it works.
 * It is looked for from the project's own folder. Throws with what it has printed when it ends instead.
 */
export async function startProcess(kind: ProcessKind, env: Readonly<Record<string, string>>): Promise<OwnProcess> {
  const { file, listens } = kinds[kind];
  const child = spawn(process.execPath, [resolve(file)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ONWARD_PORT: '0', ONWARD_WORKER_PORT: '0', ...env },
  });
  const gone = once(child, 'exit') as Promise<[number | null]>;
  let printed = '';
  const port = await new Promise<string>((ready, fail) => {
    const hear = (chunk: Buffer) => {
      printed += chunk.toString();
      const found = listens.exec(printed)?.[1];
      if (found !== undefined) ready(found);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', () => fail(new Error(`the ${kind} has ended: ${printed}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await gone;
    return code;
  };
  return {
    kind,
    url: `http://127.0.0.1:${port}`,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    output: () => printed,
  };
}
