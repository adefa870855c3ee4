import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { defaultSettings } from '../../client/settings.ts';
import { startStack } from '../../sandbox/stack.ts';
import type { Stack, StackOptions } from '../../sandbox/stack.ts';
import { onward } from '../cli/shell.ts';
import { startReceiver } from '../support/receiver.ts';
import { app, eventually, untilAt } from '../support/stack.ts';

const binary = process.env['TEST_TEMPORAL_BINARY'] ?? '';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-test-'));
});
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

async function started(options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({
    folder,
    temporal: { binary, composeFile: resolve('temporal-dev.yml') },
    bundlePath: resolve('dist/worker/workflow-bundle.js'),
    settings: defaultSettings,
    ...options,
  });
  closing.push(() => stack.close());
  return stack;
}

/** Enters the newest code that the simulator has sent. */
async function enters({ onward, sfox }: Stack, userId: string, channel: 'email' | 'sms') {
  const code = sfox?.outbox(userId).findLast((mail) => mail.channel === channel)?.code ?? '';
  return onward.submitCode(userId, { channel, code }, app);
}

describe('a stack on a folder', () => {
  beforeAll(() => {
    try {
      Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
    } catch {
      // Installed by a file before this one.
    }
  });

  it('goes on with its journeys after a restart', async () => {
    const first = await started();
    await first.onward.start('ada', { accountType: 'individual' });
    await untilAt(first, 'ada', 'emailPending.awaitingCode');
    await first.close();

    const second = await started();
    expect(await untilAt(second, 'ada', 'emailPending.awaitingCode')).toMatchObject({ email: { sends: 1 } });
    expect(await enters(second, 'ada', 'email')).toMatchObject({ outcome: 'verified' });
    await untilAt(second, 'ada', 'smsPending.awaitingCode');
    await enters(second, 'ada', 'sms');
    await untilAt(second, 'ada', 'done');
    expect([second.sfox?.url, second.uiAddress]).toEqual([first.sfox?.url, first.uiAddress]);
  });

  it('makes its secrets once, and keeps them for its owner alone', async () => {
    const first = await started(onGivenServer());
    expect(first.fresh.map(({ name }) => name).toSorted()).toEqual(['ENTERPRISE_API_KEY', 'ONWARD_ENCRYPTION_KEYS']);
    await first.close();
    const second = await started(onGivenServer());
    expect(second.fresh).toEqual([]);
    expect(second.sfox?.apiKey).toBe(first.fresh.find(({ name }) => name === 'ENTERPRISE_API_KEY')?.value);
    expect((await stat(join(folder, 'made.json'))).mode & 0o777).toBe(0o600);
  });

  it('writes down no secret that was given', async () => {
    const apiKey = `given_${randomBytes(16).toString('hex')}`;
    const key = randomBytes(32);
    const stack = await started({ apiKey, encryptionKeys: [{ id: 'given', key }] });
    expect(stack.fresh).toEqual([]);
    await stack.onward.start('ada', { accountType: 'individual' });
    await untilAt(stack, 'ada', 'emailPending.awaitingCode');
    await stack.close();
    const secrets = [Buffer.from(apiKey), key, Buffer.from(key.toString('base64')), Buffer.from(key.toString('hex'))];
    const files = await readdir(folder, { recursive: true });
    expect(files).toContain('temporal.db');
    for (const file of files) {
      const content = await readFile(join(folder, file));
      expect(secrets.filter((secret) => content.includes(secret))).toEqual([]);
    }
  });

  it('takes another port where somebody has the one from before', async () => {
    const first = await started(onGivenServer());
    await first.close();
    const other = createServer().listen(Number(new URL(first.sfox?.url ?? '').port), '127.0.0.1');
    await once(other, 'listening');
    closing.push(async () => void other.close());
    const second = await started(onGivenServer());
    expect(second.sfox?.url).not.toBe(first.sfox?.url);
  });

  it('takes over the lock that a dead process left', async () => {
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    await writeFile(join(folder, 'lock'), String(dead.pid));
    await started(onGivenServer());
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(String(process.pid));
  });

  it('leaves no lock behind when it cannot start', async () => {
    const nowhere = { given: { connectionOptions: { address: '127.0.0.1:1', connectTimeout: 300 } } };
    await expect(started({ temporal: nowhere })).rejects.toThrow('no Temporal server answers at 127.0.0.1:1');
    expect(await readdir(folder)).not.toContain('lock');
  });
});

describe('npm start', () => {
  it('refuses a folder that another process has', async () => {
    await writeFile(join(folder, 'lock'), String(process.pid));
    const second = run({});
    expect(await second.code).toBe(1);
    expect(second.errors()).toContain(`in use by process ${process.pid}`);
    expect(second.errors()).not.toMatch(/^\s+at /m);
  });

  it('names a wrong setting, without its value and without a trace', async () => {
    const wrong = run({ ONWARD_ENCRYPTION_KEYS: 'secretive' });
    expect(await wrong.code).toBe(1);
    expect(wrong.errors().trim().split('\n')).toHaveLength(1);
    expect(wrong.errors()).toMatch(/^ONWARD_ENCRYPTION_KEYS is not of the form/);
    expect(wrong.errors()).not.toContain('secretive');
  });

  it('opens the gateway, where the command line finds it, and stops in order', async () => {
    const sandbox = run({ ENTERPRISE_API_KEY: 'given_and_not_shown' });
    await sandbox.says('Onward is up');
    const say = (...words: string[]) => onward(words, { ONWARD_DATA: folder });
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

  it('tells a receiver the changes of status', async () => {
    const receiver = await startReceiver();
    closing.push(() => receiver.close());
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const sandbox = run({ ONWARD_STATUS_URL: receiver.url, ONWARD_STATUS_SECRET: secret });
    await sandbox.says('Onward is up');
    expect(await onward(['start', 'ada.both-verified'], { ONWARD_DATA: folder })).toMatchObject({ exit: 0 });
    await eventually(
      () => receiver.received.some(({ body }) => body.includes('"done"')),
      'it is told that she is verified',
    );
  });
});

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
    says: (text: string) => eventually(() => output.includes(text), `it says '${text}', not: ${output}${errors}`),
  };
}
