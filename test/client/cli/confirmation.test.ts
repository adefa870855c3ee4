import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand } from './run-cli.ts';

let gateway: Gateway;
let env: { readonly ONWARD_URL: string; readonly ONWARD_TOKEN: string };
beforeAll(async () => {
  gateway = await startGateway();
  env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.operator };
});
afterAll(() => gateway?.close());

async function started(name: string): Promise<string> {
  const id = uniqueUserId(name);
  await gateway.stack.onward.start(id, { accountType: 'business' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  return id;
}

/** Runs a command at a terminal, and types the answer once it asks. Returns what the terminal shows. */
async function answer(words: readonly string[], asks: string, typed: string): Promise<string> {
  const command = [process.execPath, resolve('dist/client/cli/main.js'), ...words].join(' ');
  const child = spawn('script', ['-qec', `stty cols 200; ${command}; echo exit=$?`, '/dev/null'], {
    env: { PATH: process.env['PATH'], TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  const closed = new Promise((done) => child.once('close', done));
  await waitUntil(() => seen.includes(asks), `it asks: ${seen}`);
  child.stdin.write(typed);
  await closed;
  return seen;
}

it('asks before a journey is cancelled, and does nothing without a yes', async () => {
  const ada = await started('ada');
  for (const typed of ['\r', 'n\r', '\u0003']) {
    const seen = await answer(['cancel', ada, 'a-mistake'], '[y/N]', typed);
    expect(seen).toContain(`Cancel ${ada}? Requests in flight are completed first. An operator can restart it.`);
    expect(seen).toMatch(/onward: not confirmed; nothing was changed\s+exit=1/);
  }
  expect(await gateway.stack.onward.status(ada)).toMatchObject({ state: 'emailPending' });
  expect(await answer(['cancel', ada, 'a-mistake'], '[y/N]', 'y\r')).toContain('exit=0');
  await waitForPosition(gateway.stack, ada, 'cancelled');
});

it('asks to type the user id before a user is erased', async () => {
  const bob = await started('bob');
  const refused = await answer(['erase', bob, 'asked-for'], 'to confirm:', 'yes\r');
  expect(refused).toMatch(/nothing was changed\s+exit=1/);
  expect(await answer(['erase', bob, 'asked-for'], 'to confirm:', `${bob}\r`)).toContain(`${bob} is erased`);
});

it('does not ask with --yes; in a pipe, requires it only for what cannot be undone', async () => {
  const cy = await started('cy');
  expect(await runCommand(['cancel', cy, 'a mistake'], env)).toMatchObject({ exit: 0 });
  const refused = await runCommand(['erase', cy, 'asked for'], env);
  expect(refused).toEqual({ exit: 2, out: '', err: 'onward: this cannot be undone: confirm it with --yes\n' });
  expect(await runCommand(['erase', cy, 'asked for', '--yes'], env)).toMatchObject({ exit: 0 });
});
