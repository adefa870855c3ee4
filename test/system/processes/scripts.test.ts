import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bearers, webhookSecret } from '../../support/gateway.ts';
import { waitUntil, keys } from '../../support/stack.ts';
import { removeFolder } from '../../support/remove-folder.ts';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Scripts that end within seconds and start no server. */
const compilers = new Set(['build', 'lint', 'sbom']);

describe('every script that starts a process', () => {
  // npm forwards SIGTERM to its shell, and the shell does not forward it. `exec` replaces the shell with the process.
  it('replaces its shell with the process', () => {
    const last = (script: string) => script.split(' && ').at(-1) ?? '';
    const withoutExec = Object.entries(scripts).filter(
      ([name, script]) => !compilers.has(name) && !last(script).startsWith('exec '),
    );
    expect(withoutExec).toEqual([]);
  });

  it('builds in a separate script before it', () => {
    // npm itself runs `prepack` before it packs.
    const before = Object.entries(scripts).filter(([name]) => name.startsWith('pre') && name !== 'prepack');
    expect(before.map(([name]) => name.slice('pre'.length) in scripts)).not.toContain(false);
    expect(new Set(before.map(([, script]) => script))).toEqual(new Set(['exec npm run --silent build']));
  });
});

let folder: string;
const running: (() => void)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-scripts-'));
});
afterEach(async () => {
  for (const kill of running.splice(0)) kill();
  await removeFolder(folder);
});

interface Process {
  readonly pid: number;
  /** In ticks since the machine has started. With the id it identifies a process, also after an `exec`, which changes the command. */
  readonly startedAt: string;
  readonly command: string;
}

/** All descendant processes, read from /proc. */
function descendantsOf(pid: number): Process[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? processOf(Number(name)) : []));
  const children = (parent: number): Process[] =>
    all.flatMap((each) => (each.parent === parent ? [each, ...children(each.pid)] : []));
  return children(pid);
}

/** Empty if the process has exited; a zombie, which its parent has not yet waited for, has exited too. */
function processOf(pid: number): (Process & { readonly parent: number })[] {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const [state, parent, startedAt = ''] = [fields[0], fields[1], fields[19]];
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return state === 'Z' ? [] : [{ pid, startedAt, command, parent: Number(parent) }];
  } catch {
    return [];
  }
}

/** Runs a script without its `pre` script, whose build would change the files that other tests run. */
function npmRun(name: string, args: readonly string[]) {
  const [{ id, key }] = keys;
  const child = spawn('npm', ['run', '--ignore-scripts', name, '--', ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: folder,
      TEMPORAL_CLI: process.env['TEST_TEMPORAL_BINARY'],
      ONWARD_DATA: folder,
      ONWARD_PORT: '0',
      ONWARD_WORKER_PORT: '0',
      ...(['worker', 'gateway'].includes(name) && {
        TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
        SFOX_BASE_URL: 'http://127.0.0.1:9',
        ENTERPRISE_API_KEY: 'a-key',
        ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
        ONWARD_TOKENS: `app:test:${bearers.app}`,
        ONWARD_WEBHOOK_SECRETS: webhookSecret,
      }),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const pid = child.pid ?? 0;
  running.push(() => {
    for (const each of descendantsOf(pid)) process.kill(each.pid, 'SIGKILL');
    child.kill('SIGKILL');
  });
  return { child, pid, ended: once(child, 'exit') as Promise<[number | null, string | null]>, output: () => output };
}

const interrupted = [1, null];
const terminated = [null, 'SIGTERM'];
/** Node itself, and not the shell that npm starts first: npm does not forward a signal to it before it knows it. */
const IS_JEST = /^\S*node .*jest\.js/m;

it.each<[string, string[], RegExp, (number | string | null)[]]>([
  ['worker', [], /worker is polling/, [0, null]],
  ['gateway', [], /listening at/, [0, null]],
  ['start', [], /Onward is up/, [0, null]],
  ['demo', [], /sign-ups/, interrupted],
  ['outage', ['--journeys', '6'], /\d s {2}/, interrupted],
  ['chaos', ['--journeys', '10'], /is killed|is unavailable/, interrupted],
  ['bench', ['--quick', '--only', 'exact'], /section-process/, terminated],
  ['test', ['test/end-to-end'], /temporal server/, terminated],
  ['proofs', [], IS_JEST, terminated],
  ['pictures', [], IS_JEST, terminated],
  ['histories', [], IS_JEST, terminated],
])('npm run %s exits on SIGTERM, and leaves no process behind', async (name, args, isUp, end) => {
  const { child, pid, ended, output } = npmRun(name, args);
  const commands = () =>
    descendantsOf(pid)
      .map(({ command }) => command)
      .join('\n');
  await waitUntil(() => isUp.test(output()) || isUp.test(commands()), `${name} is up; its output: ${output()}`);
  const started = descendantsOf(pid);
  expect(started.length).toBeGreaterThan(0);
  child.kill('SIGTERM');
  expect(await ended).toEqual(end);
  const left = () =>
    started.filter((each) => processOf(each.pid).some(({ startedAt }) => startedAt === each.startedAt));
  await waitUntil(() => left().length === 0, `every process of ${name} has exited`).catch(() => {});
  expect(left()).toEqual([]);
});
