import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { defaultSettings } from '../../client/config/policy-file.ts';
import { startStack } from '../../sandbox/stack/stack.ts';
import type { StackOptions } from '../../sandbox/stack/options.ts';
import type { Stack } from '../../sandbox/stack/stack.ts';
import { runProcess, runCli } from '../client/cli/run-cli.ts';
import { startReceiver } from '../support/receiver.ts';
import { app, quiet, waitUntil, waitForPosition } from '../support/stack.ts';
import { removeFolder } from '../support/remove-folder.ts';

const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-test-'));
});
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await removeFolder(folder);
});

async function started(options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({
    folder,
    temporal: { binary, composeFile: resolve('temporal-dev.yml') },
    bundlePath: resolve('dist/worker/workflow-bundle.js'),
    simulatorPath: resolve('dist/sandbox/sfox/main.js'),
    settings: defaultSettings,
    ...options,
  });
  closing.push(() => stack.close());
  return stack;
}

/** Enters the newest code that the simulator has sent. */
async function enters({ onward, sfox }: Stack, userId: string, channel: 'email' | 'sms') {
  const mails = (await sfox?.outbox(userId)) ?? [];
  const code = mails.findLast((mail) => mail.channel === channel)?.code ?? '';
  return onward.submitCode(userId, { channel, code }, app);
}

describe('a stack with a data folder', () => {
  beforeAll(quiet);

  it('resumes its journeys after a restart', async () => {
    const first = await started();
    await first.onward.start('ada', { accountType: 'individual' });
    await waitForPosition(first, 'ada', 'emailPending.awaitingCode');
    await first.close();

    const second = await started();
    expect(await waitForPosition(second, 'ada', 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
    expect(await enters(second, 'ada', 'email')).toMatchObject({ outcome: 'verified' });
    await waitForPosition(second, 'ada', 'smsPending.awaitingCode');
    await enters(second, 'ada', 'sms');
    await waitForPosition(second, 'ada', 'done');
    expect([second.sfox?.url, second.uiAddress]).toEqual([first.sfox?.url, first.uiAddress]);
  });

  it('generates its secrets once, in a file that only the owner can read', async () => {
    const first = await started(onGivenServer());
    expect(first.newSecrets.map(({ name }) => name).toSorted()).toEqual([
      'ENTERPRISE_API_KEY',
      'ONWARD_ENCRYPTION_KEYS',
    ]);
    await first.close();
    const second = await started(onGivenServer());
    expect(second.newSecrets).toEqual([]);
    expect(second.sfox?.apiKey).toBe(first.newSecrets.find(({ name }) => name === 'ENTERPRISE_API_KEY')?.value);
    expect((await stat(join(folder, 'made.json'))).mode & 0o777).toBe(0o600);
  });

  it('does not write a secret from the environment to a file', async () => {
    const apiKey = `given_${randomBytes(16).toString('hex')}`;
    const key = randomBytes(32);
    const stack = await started({ apiKey, encryptionKeys: [{ id: 'given', key }] });
    expect(stack.newSecrets).toEqual([]);
    await stack.onward.start('ada', { accountType: 'individual' });
    await waitForPosition(stack, 'ada', 'emailPending.awaitingCode');
    await stack.close();
    const secrets = [Buffer.from(apiKey), key, Buffer.from(key.toString('base64')), Buffer.from(key.toString('hex'))];
    const files = await readdir(folder, { recursive: true });
    expect(files).toContain('temporal.db');
    for (const file of files) {
      const content = await readFile(join(folder, file));
      expect(secrets.filter((secret) => content.includes(secret))).toEqual([]);
    }
  });

  it('uses another port if the previous one is in use', async () => {
    const first = await started(onGivenServer());
    await first.close();
    const other = createServer().listen(Number(new URL(first.sfox?.url ?? '').port), '127.0.0.1');
    await once(other, 'listening');
    closing.push(async () => void other.close());
    const second = await started(onGivenServer());
    expect(second.sfox?.url).not.toBe(first.sfox?.url);
  });

  it('takes over the lock of a process that has ended', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await writeFile(join(folder, 'lock'), String(dead.pid));
    await started(onGivenServer());
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(String(process.pid));
  });

  it('releases the lock if it cannot start', async () => {
    const nowhere = { given: { connectionOptions: { address: '127.0.0.1:1', connectTimeout: 300 } } };
    await expect(started({ temporal: nowhere })).rejects.toThrow('no Temporal server answers at 127.0.0.1:1');
    expect(await readdir(folder)).not.toContain('lock');
  });
});

describe('npm start', () => {
  it('fails if another process uses the folder', async () => {
    await writeFile(join(folder, 'lock'), String(process.pid));
    const second = run({});
    expect(await second.code).toBe(1);
    expect(second.errors()).toContain(`in use by process ${process.pid}`);
    expect(second.errors()).not.toMatch(/^\s+at /m);
  });

  it('names an invalid setting, without its value and without a stack trace', async () => {
    const wrong = run({ ONWARD_ENCRYPTION_KEYS: 'secretive' });
    expect(await wrong.code).toBe(1);
    expect(wrong.errors().trim().split('\n')).toHaveLength(1);
    expect(wrong.errors()).toMatch(/^ONWARD_ENCRYPTION_KEYS must have the form/);
    expect(wrong.errors()).not.toContain('secretive');
  });

  it('starts a gateway that the CLI finds, and shuts down gracefully', async () => {
    const sandbox = run({ ENTERPRISE_API_KEY: 'given_and_not_shown' });
    await sandbox.says('Onward is up');
    const say = (...words: string[]) => runCli(words, { ONWARD_DATA: folder });
    expect(await say('start', 'ada')).toMatchObject({ exit: 0, out: expect.stringContaining('ada (individual)') });
    expect(await say('retry', 'ada', 'too', 'early')).toMatchObject({ exit: 3 });
    expect(await say('status', 'bob')).toMatchObject({ exit: 1, err: expect.stringContaining('no journey') });
    expect(sandbox.output()).not.toContain('given_and_not_shown');
    expect(sandbox.output()).toContain(`  ONWARD_DATA=${folder} npx onward start ada `);
    sandbox.child.kill('SIGTERM');
    expect(await sandbox.code).toBe(0);
    expect(sandbox.errors()).toBe('');
    expect(await readdir(folder)).not.toContain('lock');
  });

  it('prints shell commands that set the same variables at the first and the second start', async () => {
    const pasted: string[] = [];
    for (const start of ['first', 'second']) {
      const sandbox = run({});
      await sandbox.says('Ctrl-C');
      const lines = sandbox
        .output()
        .split('\n')
        .filter((line) => line.startsWith('  export '));
      const names = ['ONWARD_URL', 'ONWARD_TOKEN', 'OPERATOR_TOKEN', 'WEBHOOK_SECRET', 'SIMULATOR_KEY', 'SIMULATOR'];
      expect([start, lines.map((line) => /export (\w+)=/.exec(line)?.[1])]).toEqual([start, names]);
      const ask = `curl -s -o /dev/null -w '%{http_code}' "$ONWARD_URL/v1/journeys/summary" -H "authorization: Bearer $OPERATOR_TOKEN"`;
      const register = `curl -s -o /dev/null -w '-%{http_code}' "$SIMULATOR/v1/enterprise/register-account" -H "authorization: Bearer $SIMULATOR_KEY" -d '{"user_id":"${start}","account_type":"individual"}'`;
      const { out } = await runProcess(
        'sh',
        ['-c', [...lines, ask, register, 'echo; echo "$ONWARD_TOKEN $WEBHOOK_SECRET"'].join('\n')],
        {},
      );
      const [code, secrets = ''] = out.trim().split('\n');
      expect([code, secrets]).toEqual(['200-200', expect.stringMatching(/^app_\w+ whsec_\S+$/)]);
      // Shown by the start that has made them, and by no other.
      const [token = '', secret = ''] = secrets.split(' ');
      const shown = [token, secret].map((each) => sandbox.output().includes(each));
      expect(shown).toEqual(start === 'first' ? [true, true] : [false, false]);
      expect(sandbox.output()).toMatch(/console +http:\S+\/console/);
      expect(sandbox.output()).toMatch(/Temporal +127\.0\.0\.1:\d+/);
      expect(sandbox.output()).toContain('status changes are not sent');
      expect(sandbox.output()).toMatch(/lost-reply +the first send: the code is sent/);
      pasted.push(secrets);
      sandbox.child.kill('SIGTERM');
      await sandbox.code;
    }
    expect(pasted[1]).toBe(pasted[0]);
  });

  it('restarts Temporal after it was killed, reports it in two lines, and continues with its journeys', async () => {
    const sandbox = run({});
    await sandbox.says('Ctrl-C');
    const say = (...words: string[]) => runCli(words, { ONWARD_DATA: folder });
    expect(await say('start', 'ada')).toMatchObject({ exit: 0 });
    const before = sandbox.output();
    process.kill(await childOf(sandbox.child.pid ?? 0, 'start-dev'), 'SIGKILL');
    await sandbox.says('Temporal is up again');
    const news = sandbox.output().slice(before.length).trim().split('\n');
    expect(news).toEqual([
      expect.stringMatching(/^Temporal is down: it exited with SIGKILL; starting it again in 0.5 s$/),
      expect.stringMatching(/^Temporal is up again, after \d+ s$/),
    ]);
    await waitUntil(
      async () => (await say('status', 'ada', '--json')).out.includes('"awaitingCode"'),
      'she gets a code',
    );
    expect(await say('start', 'bob')).toMatchObject({ exit: 0 });
    sandbox.child.kill('SIGTERM');
    expect(await sandbox.code).toBe(0);
    expect(sandbox.errors()).toBe('');
  });

  it('starts the simulator again on its port after it was killed, with its users and their codes', async () => {
    const sandbox = run({});
    await sandbox.says('Ctrl-C');
    const say = (...words: string[]) => runCli(words, { ONWARD_DATA: folder });
    expect(await say('start', 'ada')).toMatchObject({ exit: 0 });
    const [url = ''] = /http:\S+(?=\/sandbox)/.exec(sandbox.output()) ?? [];
    const outbox = async () => {
      const { items } = (await (await fetch(`${url}/sandbox/outbox?user=ada`)).json()) as { items: { code: string }[] };
      return items.map(({ code }) => code);
    };
    const [code = ''] = await waitUntil(async () => {
      const codes = await outbox();
      const isSaved = (await readFile(join(folder, 'sfox.json'), 'utf8').catch(() => '')).includes(codes[0] ?? 'none');
      return isSaved && codes;
    }, 'her code is saved');
    const before = sandbox.output();
    process.kill(await childOf(sandbox.child.pid ?? 0, 'sfox'), 'SIGKILL');
    await sandbox.says('The sFOX simulator is up again');
    const news = sandbox.output().slice(before.length).trim().split('\n');
    expect(news).toEqual([
      expect.stringMatching(/^The sFOX simulator is down: it exited with SIGKILL; starting it again in 0.5 s$/),
      expect.stringMatching(
        /^The sFOX simulator is up again, after \d+ s; it has its users and codes; an outage .* over$/,
      ),
    ]);
    expect(await outbox()).toEqual([code]);
    expect(await say('code', 'ada', 'email', code)).toMatchObject({
      exit: 0,
      out: expect.stringContaining('verified by code'),
    });
    sandbox.child.kill('SIGTERM');
    expect(await sandbox.code).toBe(0);
    expect(sandbox.errors()).toBe('');
  });

  it('prints a link that logs a browser in to the console once', async () => {
    const sandbox = run({});
    await sandbox.says('Ctrl-C');
    const [link = ''] = /http:\S+\/console\/login\/[\w-]+/.exec(sandbox.output()) ?? [];
    const follow = async () => (await fetch(link, { redirect: 'manual' })).headers;
    const first = await follow();
    expect(first.get('location')).toBe('/console/');
    const cookie = first.get('set-cookie')?.split(';')[0] ?? '';
    const session = await fetch(new URL('/console/session', link), { headers: { cookie } });
    expect(await session.json()).toMatchObject({ role: 'operator', name: 'sandbox' });
    expect((await follow()).get('set-cookie')).toBeNull();
  });

  it('sends webhooks to the configured receiver', async () => {
    const receiver = await startReceiver();
    closing.push(() => receiver.close());
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const sandbox = run({ ONWARD_STATUS_URL: receiver.url, ONWARD_STATUS_SECRET: secret });
    await sandbox.says('Onward is up');
    expect(await runCli(['start', 'ada.both-verified'], { ONWARD_DATA: folder })).toMatchObject({ exit: 0 });
    await waitUntil(
      () => receiver.received.some(({ body }) => body.includes('"done"')),
      'the status says that she is verified',
    );
  });
});

/** Returns the process id of the child of a process whose command line contains these words. */
async function childOf(parent: number, words: string): Promise<number> {
  const { out } = await runProcess('ps', ['-A', '-o', 'pid=,ppid=,args='], {});
  const child = out.split('\n').find((line) => line.trim().split(/\s+/)[1] === String(parent) && line.includes(words));
  return Number(child?.trim().split(/\s+/)[0]);
}

const onGivenServer = (): Partial<StackOptions> => ({
  temporal: { given: { connectionOptions: { address: process.env['TEST_TEMPORAL_ADDRESS'] ?? '' } } },
  taskQueue: `onboarding-${randomBytes(4).toString('hex')}`,
});

/** Runs the compiled `npm start` on the folder. */
function run(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['dist/sandbox/start.js'], {
    env: { PATH: process.env['PATH'], TEMPORAL_CLI: binary, ONWARD_DATA: folder, ...env },
  });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const code = once(child, 'close').then(([code]) => code as number | null);
  closing.push(async () => void (child.kill('SIGKILL'), await code));
  return {
    child,
    code,
    output: () => output,
    errors: () => errors,
    says: (text: string) => waitUntil(() => output.includes(text), `it says '${text}', not: ${output}${errors}`),
  };
}
