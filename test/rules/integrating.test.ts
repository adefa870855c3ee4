import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
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

it('brings the first user to verified by the calls of the page, in their order', async () => {
  const script = blocks('sh').join('\necho\n');
  const env = {
    PATH: process.env['PATH'],
    ONWARD_URL: gateway.url,
    ONWARD_TOKEN: bearers.app,
    OPERATOR_TOKEN: bearers.operator,
    WEBHOOK_SECRET: webhookSecret,
    SIMULATOR: gateway.stack.sfox.url,
  };
  const output = await new Promise<string>((resolve, reject) => {
    execFile('bash', ['-euo', 'pipefail', '-c', script], { env }, (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stdout}\n${stderr}`)),
    );
  });
  expect(output.match(/"outcome":"verified"/g)).toHaveLength(2);
  expect(output).toContain('{"userId":"bob","journey":"started"}');
  expect((await gateway.call('GET', '/v1/users/ada/onboarding')).body.state).toBe('done');
});
