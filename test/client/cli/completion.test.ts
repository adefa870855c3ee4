import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { journeyOperationCommands } from '../../../workflows/journey/commands.ts';
import { states } from '../../../workflows/journey/status/status.ts';
import { describeWith } from '../../deploy/tools.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { uniqueUserId, waitUntil } from '../../support/stack.ts';
import { runCommand, runProcess } from './run-cli.ts';

let gateway: Gateway;
let env: { readonly ONWARD_URL: string; readonly ONWARD_TOKEN: string };
/** A user id with a character at which bash breaks words. */
const ada = `${uniqueUserId('ada')}:1`;
let bin: string;

beforeAll(async () => {
  gateway = await startGateway();
  env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer };
  await gateway.stack.onward.start(ada, { accountType: 'business' });
  await waitUntil(async () => (await runCommand(['count', '--user-id', ada], env)).out === '1\n', 'she is listed');
  bin = await mkdtemp(join(tmpdir(), 'onward-bin-'));
  const script = `#!/bin/sh\nexec ${process.execPath} ${resolve('dist/client/cli/main.js')} "$@"\n`;
  await writeFile(join(bin, 'onward'), script, { mode: 0o755 });
});
afterAll(async () => {
  await gateway?.close();
  await rm(bin, { recursive: true, force: true });
});

const script = async (shell: string) => (await runCommand(['completion', shell], env)).out;
const withPath = () => ({ ...env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: bin });
/** The completions of a shell at the end of a line. */
const shells: { readonly [shell: string]: (line: string) => Promise<string[]> } = {
  bash: async (line) => {
    const ask = [
      await script('bash'),
      'COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))',
      '_onward; printf "%s\\n" "${COMPREPLY[@]}"',
    ].join('\n');
    // As readline breaks words.
    const words = line.split(/\s+|(?=[:=])|(?<=[:=])/);
    const { out } = await runProcess('bash', ['--norc', '-c', ask, 'bash', line, ...words], withPath());
    return out.split('\n').filter((word) => word !== '');
  },
  fish: async (line) => {
    const ask = `${await script('fish')}\ncomplete -C $argv[1]`;
    const { out } = await runProcess('fish', ['--no-config', '-c', ask, line], withPath());
    return out.split('\n').flatMap((found) => (found === '' ? [] : [found.split('\t')[0] ?? '']));
  },
};

describe.each(Object.entries(shells))('completion', (shell, complete) => {
  describeWith(shell)(`in ${shell}`, () => {
    it.each([
      ['sta', ['start', 'stats', 'status']],
      ['status ada --w', ['--watch']],
      ['code ada e', ['email']],
      ['start ada --type b', ['business']],
      ['webhooks re', ['resend', 'resend-all']],
      ['recovery pa', ['pause']],
      ['operations begin ', [...journeyOperationCommands]],
      ['operations begin retry --state ', [...states]],
      ['operations begin retry --state smsP', ['smsPending']],
    ])('knows the words of the catalogues: onward %s', async (typed, expected) => {
      const words = await complete(`onward ${typed}`);
      expect(words.toSorted()).toEqual(expected.toSorted());
    });

    it('knows the user ids of the gateway', async () => {
      expect(await complete(`onward status ${ada.slice(0, -3)}`)).toEqual([ada]);
    });
  });
});

it('completes what follows a colon in bash, which breaks words there', async () => {
  expect(await shells['bash']?.(`onward status ${ada.slice(0, -1)}`)).toEqual(['1']);
});

it('completes on TAB in an interactive bash', async () => {
  await writeFile(join(bin, 'completion'), await script('bash'));
  const child = spawn('script', ['-qec', `bash --rcfile ${join(bin, 'completion')} -i`, '/dev/null'], {
    env: { TERM: 'dumb', ...withPath() },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let seen = '';
  child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
  try {
    child.stdin.write(`echo onward operations begin retry --state sms\n`);
    await waitUntil(() => seen.includes('--state sms\r\n') || seen.split('--state sms').length > 2, 'the shell runs');
    child.stdin.write('onward operations begin retry --state sms\t');
    await waitUntil(() => seen.includes('--state smsPending'), `it completes: ${seen}`);
    expect(seen).not.toContain('command not found');
  } finally {
    // The shell ends with its terminal.
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

describeWith('zsh')('zsh', () => {
  it('completes on TAB', async () => {
    await writeFile(join(bin, '_onward'), await script('zsh'));
    const ask = [
      'zmodload zsh/zpty; zpty z zsh -f -i',
      `zpty -w z "autoload -U compinit; compinit -u -d ${join(bin, 'dump')}; source ${join(bin, '_onward')}; PS1=READY"`,
      'zpty -r -m z o "*READY*READY*"; zpty -w -n z $\'onward operations begin retry --state sms\\t\'',
      'zpty -r -m z o "*smsPending*"; print -r -- "$o"; zpty -d z',
    ].join('\n');
    const { out } = await runProcess('zsh', ['-f', '-c', ask], { ...withPath(), TERM: 'dumb' });
    expect(out).toContain('smsPending');
  });
});

it('offers nothing, and no error, without a gateway', async () => {
  const nothing = await runCommand(['__complete', 'onward status a'], {
    ONWARD_URL: 'http://127.0.0.1:9',
    ONWARD_TOKEN: 'x',
  });
  expect(nothing).toEqual({ exit: 0, out: '', err: '' });
});
