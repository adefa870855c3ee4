import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { transform } from '@swc/core';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { compile } from './compile.ts';
import { root } from './imports.ts';
import { bearers, startGateway, webhookSecret } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { eventually, quickPolicy } from '../support/stack.ts';

const statusSecret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;
let gateway: Gateway;
let receiver: { readonly url: string; readonly said: () => string; readonly stop: () => void };
beforeAll(async () => {
  receiver = await startReceiver();
  gateway = await startGateway({
    policy: { ...quickPolicy, cooldowns: [30_000] },
    worker: { receiver: { url: receiver.url, secret: statusSecret } },
    onward: { tellsStatus: true },
  });
});
afterAll(async () => {
  await gateway?.close();
  receiver?.stop();
});

const page = readFileSync('docs/integrating.md', 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

const isReceiver = (block: string) => block.includes('standardwebhooks');
const calls = () => blocks('ts').filter((block) => !isReceiver(block));

/** The receiver of the page, as a process of its own. */
async function startReceiver() {
  const example = blocks('ts').find(isReceiver) ?? '';
  const port = await freePort();
  const env = { PATH: process.env['PATH'], PORT: String(port), ONWARD_STATUS_SECRET: statusSecret };
  const args = ['--input-type=module', '--eval', await asJavaScript(example)];
  const child = spawn(process.execPath, args, { env, cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  }
  const url = `http://127.0.0.1:${port}/`;
  await eventually(() => fetch(url).then(Boolean, () => false), 'the receiver listens');
  return { url, said: () => said, stop: () => void child.kill() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function asJavaScript(text: string): Promise<string> {
  const { code } = await transform(text, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'es6' },
  });
  return code;
}

const env = () => ({
  PATH: process.env['PATH'],
  ONWARD_URL: gateway.url,
  ONWARD_TOKEN: bearers.app,
  OPERATOR_TOKEN: bearers.operator,
  WEBHOOK_SECRET: webhookSecret,
  SIMULATOR: gateway.stack.sfox.url,
});

function run(program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: env(), cwd: root }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
    );
  });
}

it('brings the first user to verified by the calls of the page, in their order', async () => {
  const script = blocks('sh').join('\necho\n');
  const output = await run('bash', '-euo', 'pipefail', '-c', script);
  expect(output.match(/"outcome":"verified"/g)).toHaveLength(2);
  expect(output).toContain('{"userId":"bob","journey":"started"}');
  expect((await gateway.call('GET', '/v1/users/ada/onboarding')).body.state).toBe('done');
});

it('brings her to verified by the TypeScript of the page, as by its curl', async () => {
  const code = await asJavaScript(calls().join('\n'));
  const output = await run(process.execPath, '--input-type=module', '--eval', code);
  expect(output).toContain('verified\n');
  expect(output).toContain('done');
  expect((await gateway.call('GET', '/v1/users/grace/onboarding')).body.state).toBe('done');
});

it('is told of every change by the receiver of the page, which takes what is signed and nothing else', async () => {
  await eventually(() => receiver.said().includes('ada done') && receiver.said().includes('grace done'), 'it is told');
  await eventually(async () => {
    const { body } = await gateway.call('GET', '/v1/webhooks?limit=200', { as: 'viewer' });
    return !(body.items as { userId: string }[]).some(({ userId }) => ['ada', 'grace'].includes(userId));
  }, 'it has taken all of them');
  const forged = { type: 'onboarding.status.changed', timestamp: '', data: { userId: 'eve', state: 'done' } };
  const reply = await fetch(receiver.url, { method: 'POST', body: JSON.stringify(forged) });
  expect(reply.status).toBe(401);
  expect(receiver.said()).not.toContain('eve');
});

it('shows TypeScript that compiles', async () => {
  const asHere = (text: string) =>
    text
      .replace("'onward/client'", "'./client/http/index.ts'")
      .replace("'standardwebhooks'", "'./node_modules/standardwebhooks/dist/index.js'");
  expect(await compile(asHere(calls().join('\n')))).toBe('');
  expect(await compile(asHere(blocks('ts').find(isReceiver) ?? ''))).toBe('');
});
