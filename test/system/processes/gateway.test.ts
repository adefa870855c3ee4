import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { bearers, webhookSecret } from '../../support/gateway.ts';
import { app, waitUntil, keys, startStack, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Starts the process that `npm run gateway` starts. */
function run(env: NodeJS.ProcessEnv = {}) {
  const [{ id, key }] = keys;
  const child = spawn(process.execPath, ['dist/client/gateway/main.js'], {
    env: {
      PATH: process.env['PATH'],
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
      SFOX_BASE_URL: stack.sfox.url,
      ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
      ONWARD_TOKENS: Object.entries(bearers)
        .map(([role, token]) => `${role}:test:${token}`)
        .join(' '),
      ONWARD_WEBHOOK_SECRETS: webhookSecret,
      ONWARD_PORT: '0',
      ...env,
    },
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = once(child, 'close').then(([code]) => code as number | null);
  closing.push(async () => void (child.kill('SIGKILL'), await code));
  const url = () =>
    waitUntil(
      () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0],
      `the gateway listens; its output: ${output}${errors}`,
    );
  return { child, code, url, output: () => output, errors: () => errors };
}

it('answers open long-polls on SIGTERM, then shuts down gracefully', async () => {
  const gateway = run();
  const url = await gateway.url();
  const ada = uniqueUserId('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  const { revision } = await waitForPosition(stack, ada, 'emailPending.awaitingCode');
  const headers = { authorization: `Bearer ${bearers.app}` };
  const waiting = fetch(`${url}/v1/users/${ada}/onboarding?after=${revision}&wait=60`, { headers });
  const streaming = fetch(`${url}/v1/users/${ada}/onboarding`, {
    headers: { ...headers, accept: 'text/event-stream' },
  });
  expect((await streaming).status).toBe(200);
  await waitUntil(async () => {
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${bearers.viewer}` } });
    return (await metrics.text()).includes('onward_watched_users 1');
  }, 'the long-poll is open');
  gateway.child.kill('SIGTERM');
  expect(await (await waiting).json()).toMatchObject({ userId: ada, revision });
  await (await streaming).text();
  expect(await gateway.code).toBe(0);
  for (const token of [...Object.values(bearers), webhookSecret]) expect(gateway.output()).not.toContain(token);
  const lines = gateway.output().trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { service: string }).service)).toEqual(
    lines.map(() => 'onward-gateway'),
  );
  await stack.onward.cancel(ada, { reason: 'x' }, { ...app, role: 'operator' });
});

it.each([
  [{ ONWARD_TOKENS: '' }, /^ONWARD_TOKENS is missing/],
  [{ ONWARD_WEBHOOK_SECRETS: 'whsec' }, /^ONWARD_WEBHOOK_SECRETS must have the form/],
  [{ ONWARD_ENCRYPTION_KEYS: '' }, /^ONWARD_ENCRYPTION_KEYS is missing/],
  [{ ONWARD_RATE: 'many' }, /^ONWARD_RATE must be a number of calls and a time span/],
  [{ ONWARD_PORT: 'http' }, /^ONWARD_PORT must be a port/],
  [{ ONWARD_LOG_LEVEL: 'loud' }, /^ONWARD_LOG_LEVEL must be one of/],
])('does not start with %j, and names the setting in one line', async (env, problem) => {
  const gateway = run(env);
  expect(await gateway.code).toBe(1);
  expect(gateway.errors()).toMatch(problem);
  expect(gateway.errors().trim().split('\n')).toHaveLength(1);
});

it('names every missing or invalid setting at once, without a secret', async () => {
  const gateway = run({
    ONWARD_TOKENS: `app:shop:${bearers.app} viewer:eye:${bearers.app}`,
    ONWARD_ENCRYPTION_KEYS: '"2026-01:AAAA"',
    ONWARD_WEBHOOK_SECRETS: '',
    ONWARD_STATUS_SECRET: webhookSecret,
    TEMPORAL_ADDRESS: 'http://127.0.0.1:7233',
  });
  expect(await gateway.code).toBe(1);
  const lines = gateway.errors().trim().split('\n');
  const wrong = ['ENCRYPTION_KEYS', 'STATUS_URL', 'TOKENS', 'WEBHOOK_SECRETS'].map((name) => `ONWARD_${name}`);
  expect(new Set(lines.map((line) => line.split(' ')[0]))).toEqual(new Set([...wrong, 'TEMPORAL_ADDRESS']));
  for (const secret of [bearers.app, webhookSecret, 'AAAA']) expect(gateway.errors()).not.toContain(secret);
});
