import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { transform } from '@swc/core';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { compile } from './compile.ts';
import { root } from './imports.ts';
import { bearers, startGateway, webhookSecret } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { quickPolicy } from '../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ policy: { ...quickPolicy, cooldowns: [30_000] } });
});
afterAll(() => gateway?.close());

const page = readFileSync('docs/integrating.md', 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text);

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
  const text = blocks('ts').join('\n');
  const { code } = await transform(text, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'es6' },
  });
  const output = await run(process.execPath, '--input-type=module', '--eval', code);
  expect(output).toContain('verified\n');
  expect(output).toContain('done');
  expect((await gateway.call('GET', '/v1/users/grace/onboarding')).body.state).toBe('done');
});

it('shows TypeScript that compiles', async () => {
  expect(await compile(blocks('ts').join('\n').replace("'onward/client'", "'./client/http/index.ts'"))).toBe('');
});
