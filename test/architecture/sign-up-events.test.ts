import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { transform } from '@swc/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parsePolicy } from '../../client/config/policy-file.ts';
import type { EventRules } from '../../client/config/policy-file.ts';
import { encodeIdPart, valueAt } from '../../client/gateway/signup-events/event-values.ts';
import { openGateway, startGateway, webhookSecret } from '../support/gateway.ts';
import type { Gateway, Reply } from '../support/gateway.ts';
import { uniqueUserId } from '../support/stack.ts';
import { compile } from './compile.ts';
import { root } from './imports.ts';

/** Sends the sample of each provider in docs/sign-up-events.md under its policy, as the page says that it comes. */

const page = readFileSync('docs/sign-up-events.md', 'utf8');
const blockIn = (text: string, language: string) =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';

const providers = page.split('\n## ').flatMap((section) => {
  const [policy, sample] = [blockIn(section, 'yaml'), blockIn(section, 'json')];
  const name = section.split('\n')[0] ?? '';
  return policy === '' ? [] : [{ name, rules: parsePolicy(policy).events, sample }];
});
const directly = new Map(
  [...page.matchAll(/^\| \[([^\]]+)\]\(#[a-z0-9-]+\) +\| (yes|no) /gm)].map(([, name = '', word]) => [
    name,
    word === 'yes',
  ]),
);
/** Svix names its headers after itself. */
const bySvix = new Set(['Clerk', 'Privy', 'Stytch']);

let stack: Gateway;
let forwardCode = '';
beforeAll(async () => {
  stack = await startGateway();
  const { code } = await transform(blockIn(page, 'ts'), {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'es6' },
  });
  forwardCode = `${code}\nawait forward('evt_1', JSON.parse(process.env.EVENT));`;
});
afterAll(() => stack?.close());

/** Runs the function of the page in a process of its own. Resolves to its standard error. */
function forward(url: string, event: object, secret = webhookSecret): Promise<string> {
  const env = { PATH: process.env['PATH'], ONWARD_URL: url, WEBHOOK_SECRET: secret, EVENT: JSON.stringify(event) };
  return new Promise((resolve) => {
    const args = ['--input-type=module', '--eval', forwardCode];
    execFile(process.execPath, args, { env, cwd: root }, (_error, _stdout, stderr) => resolve(stderr));
  });
}

/** The event with another value in one place. */
function withValue(event: object, pointer: string, value: unknown): object {
  const copy = structuredClone(event) as Record<string, unknown>;
  const names = pointer.slice(1).split('/');
  const last = names.pop() ?? '';
  const holder = names.reduce((at, name) => (at[name] ??= {}) as Record<string, unknown>, copy);
  holder[last] = value;
  return copy;
}

/** The sample as if it happened now, with the time in the format that the sample has. */
function freshen(sample: object, rules: EventRules): object {
  const pointer = rules.time ?? ('specversion' in sample ? '/time' : '/timestamp');
  const time = valueAt(sample, pointer);
  const isSeconds = typeof time === 'number' && time < 1e11;
  const now = isSeconds ? Math.floor(Date.now() / 1_000) : Date.now();
  return withValue(sample, pointer, typeof time === 'number' ? now : new Date(now).toISOString());
}

it('has a policy, a sample and a section for each provider of its table', () => {
  expect(providers.map(({ name }) => name).toSorted()).toEqual([...directly.keys()].toSorted());
  const wanted = ['Clerk', 'Auth0', 'Kinde', 'Privy', 'Stytch', 'WorkOS', 'Supabase', 'Cognito', 'Firebase'];
  expect(wanted.filter((name) => !providers.some((each) => each.name.startsWith(name)))).toEqual([]);
  expect([...directly].filter(([, isDirect]) => isDirect).map(([name]) => name)).toEqual([
    'Clerk',
    'Privy',
    'Stytch',
    'Supabase, hook',
  ]);
});

describe.each(providers)('the policy and the sample of $name', ({ name, rules, sample: text }) => {
  const sample = JSON.parse(text) as object;
  const pointers = [rules.userId].flat();
  const fresh = freshen(sample, rules);
  const type = 'specversion' in sample ? 'application/cloudevents+json' : 'application/json';
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await openGateway(stack.stack, { eventRules: rules });
  });
  afterAll(() => gateway?.close());

  const deliver = (event: object): Promise<Reply> =>
    gateway.deliver(event, { type, headers: bySvix.has(name) ? 'svix' : 'webhook' });
  const accountTypeOf = async (userId: string) => (await stack.stack.onward.status(userId)).accountType;

  it('start two journeys for two users who differ in one field', async () => {
    for (const pointer of pointers) {
      const value = uniqueUserId(String(valueAt(sample, pointer)));
      const ids = [value, `${value}X`, value.toUpperCase()];
      for (const id of ids) {
        const event = withValue(fresh, pointer, id);
        const userId = Array.isArray(rules.userId) ? encodeIdPart(id) : id;
        expect(await deliver(event)).toMatchObject({ status: 202, body: { userId, journey: 'started' } });
        expect(await deliver(event)).toMatchObject({ status: 202, body: { userId, journey: 'existing' } });
        expect(await accountTypeOf(userId)).toBe('individual');
      }
    }
  });

  it('agree on the time and the type', async () => {
    expect(await deliver(sample)).toMatchObject({ status: 202, body: { journey: 'ignored' } });
    expect(await deliver(withValue(fresh, rules.type, 'another'))).toMatchObject({ body: { journey: 'ignored' } });
    const { body } = await gateway.call('GET', '/metrics', { as: 'viewer' });
    expect(body).toContain('onward_events_ignored_total{reason="too_old"} 1');
    expect(body).toContain('onward_events_ignored_total{reason="other_type"} 1');
  });

  it('agree on the account type', async () => {
    const [pointer = ''] = pointers;
    const id = uniqueUserId(String(valueAt(sample, pointer)));
    const words = Object.entries({ business: 'business', ...rules.accountType.map });
    for (const [index, [word, accountType]] of words.entries()) {
      const event = withValue(withValue(fresh, pointer, `${id}-${index}`), rules.accountType.at, word);
      const { body } = await deliver(event);
      expect(body.journey).toBe('started');
      expect(await accountTypeOf(body.userId as string)).toBe(accountType);
    }
  });
});

it.each(providers.filter(({ name }) => directly.get(name) === false))(
  'the function of the page forwards the sample of $name, and fails where Onward refuses it',
  async ({ rules, sample: text }) => {
    const sample = JSON.parse(text) as object;
    const [pointer = ''] = [rules.userId].flat();
    const id = uniqueUserId(String(valueAt(sample, pointer)));
    const event = withValue(freshen(sample, rules), pointer, id);
    const gateway = await openGateway(stack.stack, { eventRules: rules });
    try {
      expect(await forward(gateway.url, event)).toBe('');
      const userId = Array.isArray(rules.userId) ? encodeIdPart(id) : id;
      expect(await stack.stack.onward.status(userId)).toMatchObject({ accountType: 'individual' });
      const stranger = `whsec_${Buffer.from('the secret of another sender').toString('base64')}`;
      expect(await forward(gateway.url, event, stranger)).toContain('Onward answered 401');
    } finally {
      await gateway.close();
    }
  },
);

it('documents the reply to Kinde and WorkOS when they send directly', async () => {
  const send = (type: string, body: string, headers: Record<string, string> = {}) =>
    stack.call('POST', '/v1/events', { as: null, body, headers: { 'content-type': type, ...headers } });
  expect((await send('application/jwt', 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln')).status).toBe(415);
  const signed = { 'workos-signature': `t=${Date.now()}, v1=${'0'.repeat(64)}` };
  expect((await send('application/json', '{"event":"user.created"}', signed)).status).toBe(401);
});

it('contains TypeScript that compiles', async () => {
  const code = blockIn(page, 'ts').replace("'standardwebhooks'", "'./node_modules/standardwebhooks/dist/index.js'");
  expect(await compile(code)).toBe('');
});
