import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../client/temporal/connect.ts';
import { Onward } from '../../client/onward.ts';
import { freePorts } from '../../sandbox/process/free-ports.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import { startOwnServer } from '../support/own-server.ts';
import {
  app,
  enterCode,
  keys,
  quickPolicy,
  quiet,
  statusOf,
  uniqueUserId,
  waitForPosition,
  waitUntil,
} from '../support/stack.ts';
import { startProcess } from '../system/fleet/process.ts';

/** The examples of docs/extending.md, inside the package, so that `onward/…` is found by its own name. */
const folder = resolve('dist/extending-example');
const [{ id, key }] = keys;
const encryptionKeys = `${id}:${Buffer.from(key).toString('base64')}`;

async function examples(language: string): Promise<string[]> {
  const page = await readFile('docs/extending.md', 'utf8');
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, code = '']) => code);
}

beforeAll(async () => {
  quiet();
  await mkdir(folder, { recursive: true });
  const [step = '', closing = '', runs = ''] = await examples('ts');
  const [provider = ''] = await examples('js');
  // The client is the same in both packages, and this one is here.
  const sources = { step: step.replace("'onward-client'", "'onward/client'"), closing, run: runs };
  await writeFile(join(folder, 'provider.mjs'), provider);
  for (const [name, code] of Object.entries(sources)) await writeFile(join(folder, `${name}.ts`), code);
});

it('compiles', async () => {
  const compilerOptions = { rootDir: folder, outDir: folder, noEmit: false, rewriteRelativeImportExtensions: false };
  const files = ['step.ts', 'closing.ts', 'run.ts'].map((name) => join(folder, name));
  const config = { extends: resolve('tsconfig.json'), compilerOptions, include: files, exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const args = ['node_modules/typescript/bin/tsc', '-p', folder];
  const output = promisify(execFile)(process.execPath, args).catch((error: { stdout: string }) => error);
  expect((await output).stdout).toBe('');
});

/** The product's message service: keeps what it is asked to send. */
async function startMessageService() {
  const messages: { readonly userId: string; readonly channel: string; readonly text: string }[] = [];
  const server = createServer(async (request, response) => {
    const message = JSON.parse(await text(request)) as (typeof messages)[number];
    messages.push(message);
    const to = message.channel === 'email' ? 'ada@example.com' : '+44 7700 900123';
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify({ to }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const codeFor = (userId: string, channel: string) =>
    waitUntil(
      () =>
        /\d{6}/.exec(messages.findLast((each) => each.userId === userId && each.channel === channel)?.text ?? '')?.[0],
      `a code by ${channel}`,
    );
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, codeFor, close: () => server.close() };
}

describe('another provider', () => {
  it('verifies a user on a worker process that ONWARD_PROVIDER gives it to', async () => {
    const [server, messages] = await Promise.all([startOwnServer(), startMessageService()]);
    const client = await connect({ connectionOptions: { address: server.address } }, keys);
    const worker = await startProcess('worker', {
      TEMPORAL_ADDRESS: server.address,
      ONWARD_ENCRYPTION_KEYS: encryptionKeys,
      ONWARD_PROVIDER: join(folder, 'provider.mjs'),
      ONWARD_PROVIDER_ID: 'shop',
      MESSAGES_URL: messages.url,
      CODE_SECRET: 'a secret of the example',
    });
    try {
      const onward = new Onward({ client, policy: quickPolicy, provider: 'shop' });
      const ada = uniqueUserId('ada');
      await onward.start(ada, { accountType: 'individual' });
      const code = await messages.codeFor(ada, 'email');
      const wrong = code === '000000' ? '000001' : '000000';
      await waitUntil(async () => (await onward.status(ada)).step === 'awaitingCode', 'the send is recorded');
      expect(await onward.submitCode(ada, { channel: 'email', code: wrong }, app)).toMatchObject({
        outcome: 'incorrect',
      });
      expect(await onward.submitCode(ada, { channel: 'email', code }, app)).toMatchObject({ outcome: 'verified' });
      expect((await statusOf({ onward }, ada)).email).toMatchObject({
        evidence: 'code',
        lastSend: { to: 'a•••@e•••' },
      });
      const sms = await messages.codeFor(ada, 'sms');
      await waitUntil(async () => (await onward.status(ada)).step === 'awaitingCode', 'the text is recorded');
      await onward.submitCode(ada, { channel: 'sms', code: sms }, app);
      expect(await onward.status(ada)).toMatchObject({ state: 'done', sms: { lastSend: { to: '•••23' } } });
      expect(worker.output()).not.toContain(code);
    } finally {
      await worker.stop();
      messages.close();
      await client.connection.close();
      await server.stop();
    }
  }, 180_000);
});

const runner = `
  import { createServer } from 'node:http';
  import { text } from 'node:stream/consumers';
  import { OnwardClient } from 'onward/client';
  import { continueWithText, receive } from './step.js';
  const onward = new OnwardClient({ url: process.env.ONWARD_URL, token: process.env.ONWARD_TOKEN });
  const terms = { accepted: async (userId) => userId.startsWith('yes') };
  createServer(async (request, response) => {
    const body = await text(request);
    if (request.url !== '/') await continueWithText(onward, decodeURIComponent(request.url.slice(1)));
    response.writeHead(request.url === '/' ? await receive(request.headers, body, onward, terms) : 204).end();
  }).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('listening'));`;

describe('another step', () => {
  it('waits for the product between the e-mail address and the text message', async () => {
    const [port = 0] = await freePorts([0]);
    const receiver = { url: `http://127.0.0.1:${port}/`, secret: `whsec_${Buffer.alloc(24, 7).toString('base64')}` };
    const gateway = await startGateway({ worker: { receiver }, onward: { notifyReceiver: true } });
    await writeFile(join(folder, 'runner.mjs'), runner);
    const child = spawn(process.execPath, [join(folder, 'runner.mjs')], {
      env: {
        PATH: process.env['PATH'],
        PORT: String(port),
        ONWARD_URL: gateway.url,
        ONWARD_TOKEN: bearers.app,
        ONWARD_STATUS_SECRET: receiver.secret,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      const { stack } = gateway;
      const [yes, no] = [uniqueUserId('yes'), uniqueUserId('no')];
      for (const user of [yes, no]) {
        await stack.onward.start(user, { accountType: 'individual', smsStart: 'onRequest' });
        await waitForPosition(stack, user, 'emailPending.awaitingCode');
        await enterCode(stack, user, 'email');
      }
      await waitForPosition(stack, yes, 'smsPending.awaitingCode');
      await waitUntil(async () => {
        const { body } = await gateway.call('GET', '/v1/webhooks?limit=200', { as: 'viewer' });
        return !(body.items as { userId: string }[]).some(({ userId }) => userId === no);
      }, 'the receiver knows of the other one');
      expect((await stack.onward.status(no)).state).toBe('emailVerified');
      await fetch(`${receiver.url}${no}`, { method: 'POST' });
      await fetch(`${receiver.url}${no}`, { method: 'POST' });
      await waitForPosition(stack, no, 'smsPending.awaitingCode');
      expect((await stack.onward.status(no)).sms?.sends).toBe(1);
      expect((await fetch(receiver.url, { method: 'POST', body: '{}' })).status).toBe(401);
    } finally {
      child.kill();
      await gateway.close();
    }
  }, 120_000);
});

describe('another journey', () => {
  it('runs on the engine', async () => {
    const accountId = uniqueUserId('account');
    const env = {
      ...process.env,
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
      ONWARD_ENCRYPTION_KEYS: encryptionKeys,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'run.js'), accountId], { env });
    expect(stdout).toBe(`closed ${accountId}\nclosed\n`);
  }, 120_000);
});
