import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { keys } from './stack.ts';

export interface WorkerProcess {
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Asks it to end, and gives its exit code. */
  stop(): Promise<number | null>;
  /** All that it has printed. */
  output(): string;
  /** Where its health and metrics are. */
  readonly url: string;
}

/** Starts `npm run worker`'s own process, and waits until it polls. */
export async function startWorkerProcess(
  provider: { url: string; apiKey: string },
  address = '',
  more: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const [{ id, key }] = keys;
  const child = spawn(process.execPath, ['dist/worker/main.js'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      TEMPORAL_ADDRESS: address === '' ? process.env['TEST_TEMPORAL_ADDRESS'] : address,
      SFOX_BASE_URL: provider.url,
      ENTERPRISE_API_KEY: provider.apiKey,
      ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
      ONWARD_WORKER_PORT: '0',
      ...more,
    },
  });
  const gone = once(child, 'exit') as Promise<[number | null]>;
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      printed += chunk.toString();
      if (/worker is polling.*\n/.test(printed)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', () => reject(new Error(`the worker has ended: ${printed}`)));
  });
  await ready;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await gone;
    return code;
  };
  const line = printed.split('\n').find((text) => text.includes('worker is polling')) ?? '';
  const { port } = JSON.parse(line) as { port: number };
  return {
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    output: () => printed,
    url: `http://127.0.0.1:${port}`,
  };
}
