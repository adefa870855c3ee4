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
import { callsOf, waitUntil, quickPolicy } from '../support/stack.ts';

const statusSecret = `whsec_${Buffer.from('a secret of status changes').toString('base64')}`;
let gateway: Gateway;
let receiver: { readonly url: string; readonly said: () => string; readonly stop: () => void };
beforeAll(async () => {
  receiver = await startReceiver();
  gateway = await startGateway({
    policy: { ...quickPolicy, cooldowns: [30_000], firstEmail: 'alreadySent' },
    worker: { receiver: { url: receiver.url, secret: statusSecret } },
    onward: { notifyReceiver: true },
  });
});
afterAll(async () => {
  await gateway?.close();
  receiver?.stop();
});

const page = readFileSync('docs/integrating.md', 'utf8');
const recipe = readFileSync('docs/changed-contact.md', 'utf8');
const blocks = (language: string, text = page) =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

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
  await waitUntil(() => fetch(url).then(Boolean, () => false), 'the receiver listens');
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
  // The client is the same in both packages, and this one is found from here by its own name.
  const { code } = await transform(text.replace("'onward-client'", "'onward/client'"), {
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
  SIMULATOR_KEY: gateway.stack.sfox.apiKey,
  SIMULATOR: gateway.stack.sfox.url,
});

/** How many e-mails a user got, and how many of them a journey asked for. sFOX mails one more on registration. */
function emailsTo(userId: string) {
  const { sfox } = gateway.stack;
  return {
    got: sfox.outbox(userId).filter(({ channel }) => channel === 'email').length,
    askedFor: callsOf(gateway.stack, userId).filter((call) => call === 'send email 200').length,
  };
}

function run(program: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { env: env(), cwd: root }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
    );
  });
}

const onlySfox = { got: 1, askedFor: 0 };

it('verifies the first user with the calls of the page in their order', async () => {
  const script = blocks('sh').join('\necho\n');
  const output = await run('bash', '-euo', 'pipefail', '-c', script);
  expect(output.match(/"outcome":"verified"/g)).toHaveLength(2);
  expect(output).toContain('{"userId":"bob","journey":"started"}');
  expect((await gateway.call('GET', '/v1/users/ada/onboarding')).body.state).toBe('done');
  expect([emailsTo('ada'), emailsTo('bob')]).toEqual([onlySfox, onlySfox]);
});

it('verifies a user with the TypeScript of the page', async () => {
  const code = await asJavaScript(calls().join('\n'));
  const output = await run(process.execPath, '--input-type=module', '--eval', code);
  expect(output).toContain('verified\n');
  expect(output).toContain('done');
  expect((await gateway.call('GET', '/v1/users/grace/onboarding')).body.state).toBe('done');
  expect(emailsTo('grace')).toEqual(onlySfox);
});

it('supersedes a journey with the calls of the recipe in their order', async () => {
  const script = blocks('sh', recipe).join('\necho\n');
  const output = await run('bash', '-euo', 'pipefail', '-c', script);
  expect(output).toContain('superseded by the journey of mia-2');
  expect((await gateway.call('GET', '/v1/users/mia/onboarding')).body).toMatchObject({
    state: 'cancelled',
    supersededBy: 'mia-2',
  });
  expect((await gateway.call('GET', '/v1/users/mia-2/onboarding')).body).toMatchObject({
    state: 'emailPending',
    supersedes: 'mia',
  });
  // The TypeScript of the page is the same request, which finds that it is done.
  const client = blocks('ts').find((block) => block.includes('new OnwardClient')) ?? '';
  await run(
    process.execPath,
    '--input-type=module',
    '--eval',
    await asJavaScript(`${client}${blocks('ts', recipe).join('')}`),
  );
  expect(emailsTo('mia-2')).toEqual(onlySfox);
});

it('sends two e-mails to a user who is registered and then started with `firstEmail: send`, as the page warns', async () => {
  const { sfox } = gateway.stack;
  const registered = await fetch(`${sfox.url}/v1/enterprise/register-account`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sfox.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ user_id: 'twice', account_type: 'individual' }),
  });
  expect(registered.status).toBe(200);
  const body = { accountType: 'individual', firstEmail: 'send' };
  expect((await gateway.call('POST', '/v1/users/twice/onboarding', { body })).status).toBe(201);
  await waitUntil(() => emailsTo('twice').got === 2, 'the second mail is out');
  expect(emailsTo('twice')).toEqual({ got: 2, askedFor: 1 });
});

it('delivers every change to the receiver of the page, which accepts only signed requests', async () => {
  await waitUntil(
    () => receiver.said().includes('ada done') && receiver.said().includes('grace done'),
    'the receiver has got both changes',
  );
  await waitUntil(async () => {
    const { body } = await gateway.call('GET', '/v1/webhooks?limit=200', { as: 'viewer' });
    return !(body.items as { userId: string }[]).some(({ userId }) => ['ada', 'grace'].includes(userId));
  }, 'it has taken all of them');
  const forged = { type: 'onboarding.status.changed', timestamp: '', data: { userId: 'eve', state: 'done' } };
  const reply = await fetch(receiver.url, { method: 'POST', body: JSON.stringify(forged) });
  expect(reply.status).toBe(401);
  expect(receiver.said()).not.toContain('eve');
});

it('contains TypeScript that compiles', async () => {
  const asHere = (text: string) =>
    text
      .replace("'onward-client'", "'./client/http-client/index.ts'")
      .replace("'standardwebhooks'", "'./node_modules/standardwebhooks/dist/index.js'");
  expect(await compile(asHere([...calls(), ...blocks('ts', recipe)].join('\n')))).toBe('');
  expect(await compile(asHere(blocks('ts').find(isReceiver) ?? ''))).toBe('');
});
