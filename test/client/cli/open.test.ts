import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { waitUntil } from '../../support/stack.ts';
import { runCommand, runInTerminal } from './run-cli.ts';

const env = { ONWARD_URL: 'https://onward.example/', ONWARD_TOKEN: 'a-token-of-the-test' };

it('prints the link of a person or of the overview in a pipe', async () => {
  const person = await runCommand(['open', 'ada:1'], env);
  expect(person).toEqual({ exit: 0, out: 'https://onward.example/console/people/ada%3A1\n', err: '' });
  const overview = await runCommand(['open', '--json'], env);
  expect(overview.out).toBe('{"url":"https://onward.example/console/"}\n');
});

it('prints the link on a terminal without a browser', async () => {
  expect(await runInTerminal(['open', 'ada'], env)).toContain('https://onward.example/console/people/ada');
  const broken = await runInTerminal(['open', 'ada'], { ...env, BROWSER: '/no/such/browser' });
  expect(broken.trim()).toBe('https://onward.example/console/people/ada');
});

it('gives the link to the browser on a terminal', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'onward-browser-'));
  try {
    const browser = join(folder, 'browser');
    await writeFile(browser, `#!/bin/sh\necho "$1" > ${join(folder, 'opened')}\n`, { mode: 0o755 });
    const seen = await runInTerminal(['open', 'ada'], { ...env, BROWSER: browser });
    expect(seen.trim()).toBe('opened https://onward.example/console/people/ada');
    const opened = await waitUntil(
      () => readFile(join(folder, 'opened'), 'utf8').catch(() => false as const),
      'it opens',
    );
    expect(opened).toBe('https://onward.example/console/people/ada\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
