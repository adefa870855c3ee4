import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** A compiled process of the project, as in production. */
export interface FleetProcess {
  readonly kind: ProcessKind;
  readonly pid: number;
  /** Serves the API (gateway), health and metrics (worker), or the provider's API (simulator). */
  readonly url: string;
  /** Sends a signal, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void;
  /** Sends SIGKILL, and resolves when the process has exited. */
  kill(): Promise<void>;
  /** Sends SIGTERM, and resolves to the exit code. */
  stop(): Promise<number | null>;
  /** Everything written to stdout and stderr. */
  output(): string;
}

export type ProcessKind = 'worker' | 'gateway' | 'sfox';

const kinds: { readonly [K in ProcessKind]: { readonly file: string; readonly listens: RegExp } } = {
  worker: { file: 'dist/worker/main.js', listens: /"port":(\d+).*worker is polling/ },
  gateway: { file: 'dist/client/gateway/main.js', listens: /listening at http:\/\/127\.0\.0\.1:(\d+)/ },
  sfox: { file: 'dist/sandbox/sfox/main.js', listens: /listening at http:\/\/127\.0\.0\.1:(\d+)/ },
};

/**
 * Starts a process with only these environment variables, on a free port, and waits until it is ready.
 * The working directory must be the project's. Throws with the process's output if it exits instead.
 */
export async function startProcess(
  kind: ProcessKind,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<FleetProcess> {
  const { file, listens } = kinds[kind];
  const child = spawn(process.execPath, [resolve(file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ONWARD_PORT: '0', ONWARD_WORKER_PORT: '0', ...env },
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  let isListening = false;
  const port = await new Promise<string>((ready, fail) => {
    const onOutput = (chunk: Buffer) => {
      output += chunk.toString();
      const found = isListening ? undefined : listens.exec(output)?.[1];
      if (found === undefined) return;
      isListening = true;
      ready(found);
    };
    child.stdout.on('data', onOutput);
    child.stderr.on('data', onOutput);
    child.once('close', () => fail(new Error(`the ${kind} exited: ${output}`)));
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return {
    kind,
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    output: () => output,
  };
}
