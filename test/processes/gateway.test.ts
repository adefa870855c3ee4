import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { bearers, webhookSecret } from '../support/gateway.ts';
import { app, eventually, keys, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.close());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Starts `npm run gateway`'s own process. */
function run(env: NodeJS.ProcessEnv = {}) {
  const [{ id, key }] = keys;
  const child = spawn(process.execPath, ['dist/client/gateway/main.js'], {
    env: {
      PATH: process.env['PATH'],
      TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
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
    eventually(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0], `it listens, not: ${output}${errors}`);
  return { child, code, url, output: () => output, errors: () => errors };
}

it('answers who waits when it is told to end, and ends in order', async () => {
  const gateway = run();
  const url = await gateway.url();
  const ada = user('ada');
  await stack.onward.start(ada, { accountType: 'individual' });
  const { revision } = await untilAt(stack, ada, 'emailPending.awaitingCode');
  const headers = { authorization: `Bearer ${bearers.app}` };
  const waiting = fetch(`${url}/v1/users/${ada}/onboarding?after=${revision}&wait=60`, { headers });
  const streaming = fetch(`${url}/v1/users/${ada}/onboarding`, {
    headers: { ...headers, accept: 'text/event-stream' },
  });
  expect((await streaming).status).toBe(200);
  await eventually(async () => {
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${bearers.viewer}` } });
    return (await metrics.text()).includes('onward_watched_users 1');
  }, 'somebody waits');
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
  [{ ONWARD_WEBHOOK_SECRETS: 'whsec' }, /^ONWARD_WEBHOOK_SECRETS is not of the form/],
  [{ ONWARD_ENCRYPTION_KEYS: '' }, /^ONWARD_ENCRYPTION_KEYS is missing/],
  [{ ONWARD_RATE: 'many' }, /^ONWARD_RATE is no rate/],
  [{ ONWARD_PORT: 'http' }, /^ONWARD_PORT is no port/],
  [{ ONWARD_LOG_LEVEL: 'loud' }, /^ONWARD_LOG_LEVEL is no level/],
])('does not start with %j, and names it in one line', async (env, problem) => {
  const gateway = run(env);
  expect(await gateway.code).toBe(1);
  expect(gateway.errors()).toMatch(problem);
  expect(gateway.errors().trim().split('\n')).toHaveLength(1);
});
