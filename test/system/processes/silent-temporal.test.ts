import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { runProcess, runCli } from '../../client/cli/run-cli.ts';
import type { ProcessResult } from '../../client/cli/run-cli.ts';
import { startSilentServer } from '../../support/silent-server.ts';
import type { SilentServer } from '../../support/silent-server.ts';
import { keys } from '../../support/stack.ts';

/** Distinguishes an answer from a hang; the start of Node alone can take long on a busy machine. */
const LIMIT_MS = 120_000;

let silent: SilentServer;
beforeAll(async () => {
  silent = await startSilentServer();
});
afterAll(() => silent?.close());

const environment = () => ({
  TEMPORAL_ADDRESS: silent.address,
  ONWARD_ENCRYPTION_KEYS: `${keys[0].id}:${Buffer.from(keys[0].key).toString('base64')}`,
  SFOX_BASE_URL: 'http://127.0.0.1:9',
  ENTERPRISE_API_KEY: 'a-key-of-the-tests',
  ONWARD_WORKER_PORT: '0',
});

const processes: Readonly<Record<string, () => Promise<ProcessResult>>> = {
  'onward setup': () => runCli(['setup'], environment()),
  'onward doctor': () => runCli(['doctor'], environment()),
  'onward replay': () => runCli(['replay'], environment()),
  'the worker': () => runProcess(process.execPath, [resolve('dist/worker/main.js')], environment()),
};

it.each(Object.keys(processes))(
  '%s exits with 1 and reports it if Temporal accepts the connection and never answers',
  async (name) => {
    const startedAt = Date.now();
    const result = await processes[name]?.();
    expect(Date.now() - startedAt).toBeLessThan(LIMIT_MS);
    expect(result?.exit).toBe(1);
    expect(`${result?.out}${result?.err}`).toMatch(/Temporal|no response from/);
  },
);
