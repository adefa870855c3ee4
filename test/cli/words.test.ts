import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Environment } from '../../client/environment.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';
import { setup } from '../../client/setup.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { SELDOM } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually, newestCode, untilAt, user } from '../support/stack.ts';
import { left, onTerminal, onward } from './shell.ts';

let server: TemporalServer;
let gateway: Gateway;
let folder: string;
let env: Environment;
beforeAll(async () => {
  // Recovery and operations are the whole namespace's.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
  folder = await mkdtemp(join(tmpdir(), 'onward-cli-'));
  await writeFile(join(folder, 'door.json'), JSON.stringify({ url: gateway.url, tokens: bearers }));
  env = { ONWARD_DATA: folder };
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const ESCAPE = '\u001B[';
const say = (...words: string[]) => onward(words, env);
const codeFor = (id: string, channel: 'email' | 'sms') => newestCode(gateway.stack, id, channel);

async function started(name: string, ...more: string[]): Promise<string> {
  const id = user(name);
  expect(await say('start', id, ...more)).toMatchObject({ exit: 0, err: '' });
  await untilAt(gateway.stack, id, 'emailPending.awaitingCode');
  return id;
}

describe('the words', () => {
  it('bring a person to verified', async () => {
    const ada = await started('ada');
    const email = await say('code', ada, 'email', await codeFor(ada, 'email'));
    expect(email).toMatchObject({ exit: 0, out: expect.stringContaining('verified by code') });
    await untilAt(gateway.stack, ada, 'smsPending.awaitingCode');
    expect(await say('code', ada, 'sms', await codeFor(ada, 'sms'), '--key', 'k1')).toMatchObject({ exit: 0 });
    await untilAt(gateway.stack, ada, 'done');
    const { out } = await say('status', ada, '--json');
    expect(JSON.parse(out)).toMatchObject({ userId: ada, state: 'done' });
    const told = await say('timeline', ada);
    expect(told.out).toMatch(/^\d{4}-\S+Z\tStarted\t\t$/m);
  });

  it('carry out what an operator decides', async () => {
    const bo = await started('bo', '--type', 'business');
    const paused = await say('pause', bo, 'under', 'review');
    expect(paused).toMatchObject({ exit: 0, out: expect.stringContaining('paused') });
    expect((await say('status', bo)).out).toMatch(/allowed: .*resume/);
    expect((await say('timeline', bo, '--json')).out).toContain('"reason":"under review"');
    expect(await say('resume', bo, 'over')).toMatchObject({ exit: 0 });
    expect(await say('resend', bo)).toMatchObject({ exit: 0 });
    expect(await say('recheck', bo)).toMatchObject({ exit: 0 });
    expect(await say('cancel', bo, 'asked for')).toMatchObject({ exit: 0 });
    expect(await say('restart', bo, 'back')).toMatchObject({ exit: 0 });
    expect(await say('override', bo, 'email', 'passport')).toMatchObject({ exit: 0 });
  });

  it('list and count', async () => {
    const cy = await started('cy');
    const listed = () => say('list', '--user-id', cy);
    const { out } = await eventually(async () => {
      const answer = await listed();
      return answer.out !== '' && answer;
    }, 'it is listed');
    expect(out.split('\t').slice(0, 3)).toEqual([cy, 'individual', 'emailPending']);
    expect(JSON.parse((await say('list', '--limit', '1', '--json')).out).items).toHaveLength(1);
    expect((await say('summary')).out).toMatch(/^total\t\t\d+$/m);
    expect(JSON.parse((await say('summary', '--json')).out)).toHaveProperty('states.emailPending');
  });

  it('order, show and stop what many are told', async () => {
    const [ivy, jan] = [await started('ivy'), await started('jan')];
    for (const id of [ivy, jan]) {
      await eventually(async () => (await say('list', '--user-id', id)).out !== '', 'it is listed');
    }
    const begin = (...more: string[]) => say('operations', 'begin', 'pause', 'a drill', '--user-id', ivy, ...more);
    expect(await begin()).toMatchObject({ exit: 2, err: expect.stringContaining('--expected') });
    const other = await begin('--expected', '7');
    expect(other).toMatchObject({ exit: 2, err: expect.stringContaining('finds 1 journeys, not 7') });
    const dry = (await begin('--expected', '1', '--dry-run')).out.trim();
    const row = await eventually(async () => {
      const { out } = await say('operations', 'show', dry);
      return out !== '' && out;
    }, 'it says what would come of it');
    expect(row).toBe(`${ivy}\ttaken\t\t\n`);
    const { out } = await begin('--expected', '1', '--json');
    const { id } = JSON.parse(out) as { id: string };
    await untilAt(gateway.stack, ivy, 'emailPending.paused');
    await untilAt(gateway.stack, jan, 'emailPending.awaitingCode');
    expect(await say('operations', 'stop', id, 'enough')).toMatchObject({ exit: 0 });
    expect((await say('operations')).out).toContain(`${id}\tpause\t`);
    expect(await onTerminal(['operations', 'show', id], env)).toContain('a drill');
  });

  it('show recovery, and say that it is not there before the setup', async () => {
    const none = await say('recovery', 'status');
    expect(none).toMatchObject({ exit: 1, err: expect.stringContaining('setup') });
    const settings = { every: SELDOM, perSecond: 5, upToPerSecond: 20 };
    const { client, taskQueue } = gateway.stack;
    await setup(client, { recovery: settings, taskQueue });
    const paused = await say('recovery', 'pause', 'sFOX', 'asked');
    expect(paused).toMatchObject({ exit: 0, out: expect.stringMatching(/^recovery is paused;.*5 to 20 a second/) });
    expect((await say('recovery', 'status')).out).toContain('sFOX asked');
    expect(await say('recovery', 'resume', 'over')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('next run'),
    });
    const triggered = JSON.parse((await say('recovery', 'trigger', 'now', '--json')).out) as object;
    expect(triggered).toMatchObject({ acts: { triggered: { reason: 'now', by: { role: 'operator' } } } });
  });

  it('draw the machine', async () => {
    expect((await say('diagram')).out).toContain('stateDiagram-v2');
    expect(JSON.parse((await say('diagram', '--steps', '--json')).out).mermaid).toMatch(/^stateDiagram-v2/);
  });
});

describe('watching', () => {
  it('tells a line for each change, and ends at the final state', async () => {
    const di = await started('di', '--type', 'business');
    const watching = say('status', di, '--watch');
    await eventually(() => gateway.stack.onward.watching.size > 0, 'somebody listens');
    await say('code', di, 'email', await codeFor(di, 'email'));
    const { exit, out } = await watching;
    expect(exit).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(/Z\temailPending, awaiting the code$/);
    expect(lines.at(-1)).toMatch(/Z\tdone$/);
  });

  it('lights the user’s place on a terminal, and colours nothing in a pipe', async () => {
    const eve = await started('eve');
    await say('cancel', eve, 'x');
    await untilAt(gateway.stack, eve, 'cancelled');
    const drawn = await onTerminal(['status', eve, '--watch'], env);
    expect(drawn).toContain(`${ESCAPE}7m`);
    expect(drawn).toContain(' cancelled ');
    expect(await onTerminal(['list', '--user-id', eve], env)).toContain('│');
    const piped = await say('status', eve, '--watch');
    expect(piped.out).not.toContain(ESCAPE);
    expect((await say('list')).out).not.toMatch(/│/);
  });
});

describe('the exit code', () => {
  const begin = ['operations', 'begin', 'retry', 'x', '--expected', '5'];

  it('is 1 where a code was wrong, or nobody is known', async () => {
    const flo = await started('flo');
    const wrong = (await codeFor(flo, 'email')) === '0000' ? '1111' : '0000';
    expect(await say('code', flo, 'email', wrong)).toMatchObject({ exit: 1, out: expect.stringMatching(/^incorrect/) });
    const nobody = await say('status', user('nobody'));
    expect(nobody).toMatchObject({ exit: 1, out: '', err: expect.stringMatching(/^onward: no journey.*\n$/) });
  });

  it('is 1 where nobody answers a command, with the key that tells what came of it', async () => {
    const other = await startGateway({ address: server.address, withoutWorker: true, onward: { commandWait: 300 } });
    const operator = { ONWARD_URL: other.url, ONWARD_TOKEN: bearers.operator };
    try {
      const hal = user('hal');
      await other.stack.onward.start(hal, { accountType: 'individual' });
      const { exit, err } = await onward(['cancel', hal, 'a mistake'], operator);
      expect([exit, err]).toEqual([
        1,
        expect.stringMatching(/^onward: no worker .* may still be carried out [^\n]*\n$/),
      ]);
      const key = /--key (\S+)/.exec(err)?.[1] ?? '';
      const again = await onward(['cancel', hal, 'a mistake', '--key', key, '--json'], operator);
      expect(JSON.parse(again.err)).toMatchObject({ code: 'unavailable', status: 503, key });
      await other.stack.startWorker();
      await untilAt(other.stack, hal, 'cancelled');
      expect(await onward(['cancel', hal, 'a mistake', '--key', key], operator)).toMatchObject({ exit: 0 });
      expect(await onward(['cancel', hal, 'a mistake'], operator)).toMatchObject({ exit: 3 });
    } finally {
      await other.close();
    }
  });

  it('is 3 where it is not allowed now, with what is', async () => {
    const gus = await started('gus');
    const { exit, err } = await say('resume', gus, 'x');
    expect(exit).toBe(3);
    expect(err).toMatch(/^onward: .*allowed: .*pause.*\n$/);
    const texted = await say('override', gus, 'sms', 'why');
    expect(texted.err).toMatch(/^onward: override is not allowed in \S+ for sms; allowed: .*override \(email\)\n$/);
    expect(await say('cancel', gus, 'x')).toMatchObject({ exit: 0 });
    await untilAt(gateway.stack, gus, 'cancelled');
    const over = await say('resume', gus, 'x');
    expect(over).toMatchObject({ exit: 3, err: expect.stringMatching(/; allowed: only restart, by an operator\n$/) });
  });

  it.each([
    [[], 'statsu', ['statsu']],
    [[], 'missing', ['start']],
    [[], 'choices', ['code', 'ada', 'fax', '1234']],
    [[], 'code', ['code', 'ada', 'email', 'letters']],
    [[], '--yes', ['erase', 'ada', 'asked for']],
    [[], '--loud', ['list', '--loud']],
    [[], "unknown command 'foo'", ['recovery', 'foo']],
    [[], "unknown command 'foo'", ['webhooks', 'foo']],
    [[], "unknown command 'begn'", ['operations', 'begn', 'retry', '--step', 'stalled']],
    [[], '--loud', ['operations', '--loud']],
    [[], "--expected <count>' argument '5O'", ['operations', 'begin', 'retry', 'x', '--expected', '5O']],
    [[], "--per-second <count>' argument 'x'", [...begin, '--per-second', 'x']],
    [[], "--limit <count>' argument 'few'", ['list', '--limit', 'few']],
  ])('is 2 for misuse, in one line: %s%s', async (_, named, words) => {
    const { exit, out, err } = await onward(words, env);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(/^onward: [^\n]+\n$/);
    expect(err.toLowerCase()).toContain(named.toLowerCase());
  });

  it('is 1 where nothing runs, and 2 where a token is missing', async () => {
    const nothing = await onward(['summary'], { ONWARD_DATA: join(folder, 'none') });
    expect(nothing).toMatchObject({ exit: 1, err: expect.stringContaining('npm start') });
    const away = await onward(['summary'], { ONWARD_URL: 'http://127.0.0.1:9', ONWARD_TOKEN: 'x' });
    expect(away).toMatchObject({ exit: 1, err: 'onward: nobody answers at http://127.0.0.1:9\n' });
    const noToken = await onward(['summary'], { ONWARD_URL: gateway.url });
    expect(noToken).toMatchObject({ exit: 2, err: expect.stringContaining('ONWARD_TOKEN') });
  });
});

describe('in JSON, what went wrong', () => {
  const failure = async (...words: string[]) => {
    const { exit, out, err } = await say(...words, '--json');
    expect(out).toBe('');
    return { exit, ...(JSON.parse(err) as object) };
  };

  it('is the gateway’s problem, under the same exit code', async () => {
    const ian = await started('ian');
    const place = { state: 'emailPending', step: 'awaitingCode', allowed: { override: { channel: 'email' } } };
    expect(await failure('resume', ian, 'x')).toMatchObject({ exit: 3, code: 'not_now', status: 409, ...place });
    expect(await failure('status', user('nobody'))).toMatchObject({ exit: 1, code: 'not_found', field: null });
  });

  it('has a code also where no gateway was asked', async () => {
    const misuse = { exit: 2, code: 'misuse', detail: "missing required argument 'reason'" };
    expect(await failure('cancel', 'ada')).toEqual(misuse);
    const nothing = await onward(['summary', '--json'], { ONWARD_DATA: join(folder, 'none') });
    expect(JSON.parse(nothing.err)).toMatchObject({
      code: 'unreachable',
      detail: expect.stringContaining('npm start'),
    });
  });
});

it('takes a gateway and a token from the environment, or from a file', async () => {
  await writeFile(join(folder, 'token'), `${bearers.viewer}\n`);
  const viewer = { ONWARD_URL: gateway.url, ONWARD_TOKEN_FILE: join(folder, 'token') };
  expect(await onward(['summary'], viewer)).toMatchObject({ exit: 0 });
  const refused = await onward(['start', 'ada'], viewer);
  expect(refused).toMatchObject({ exit: 1, err: expect.stringContaining('viewer') });
  const nobody = await onward(['status', user('nobody')], { ONWARD_DATA: folder, ONWARD_TOKEN: bearers.app });
  expect(nobody.err).toContain('no journey');
});

it('sets up and examines the server that its folder names', async () => {
  const address = new URL(`http://${process.env['TEST_TEMPORAL'] ?? '127.0.0.1:9'}`);
  const encryptionKey = `test:${Buffer.alloc(32, 'onward').toString('base64')}`;
  await writeFile(
    join(folder, 'made.json'),
    JSON.stringify({ encryptionKey, ports: { temporal: Number(address.port) } }),
  );
  const { exit, out } = await say('doctor', '--json');
  const checks = JSON.parse(out) as { name: string }[];
  expect(checks[0]).toMatchObject({ name: 'temporal' });
  expect([0, 1]).toContain(exit);
});

describe('completion', () => {
  it.each(['bash', 'zsh'])('for %s is a script that bash can read', async (shell) => {
    const { out, exit } = await say('completion', shell);
    expect(exit).toBe(0);
    expect(await left('bash', ['-n'], {}, out)).toEqual({ exit: 0, out: '', err: '' });
  });

  it.each([
    ['sta', ['start', 'status']],
    ['status ada --w', ['--watch']],
    ['code ada e', ['email']],
    ['start ada --type b', ['business']],
    ['webhooks re', ['resend']],
    ['operations be', ['begin']],
    ['recovery pa', ['pause']],
  ])('knows what follows onward %s', async (typed, expected) => {
    const words = ['onward', ...typed.split(' ')];
    const { out: script } = await say('completion', 'bash');
    const ask = `${script}\nCOMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _onward; echo "\${COMPREPLY[@]}"`;
    expect((await left('bash', ['-c', ask], {})).out.trim().split(' ')).toEqual(expected);
  });
});

it('shows an example for each word', async () => {
  const { out, exit } = await say('--help');
  expect(exit).toBe(0);
  const words = [...out.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, word = '']) => word).filter((word) => word !== 'help');
  expect(words.length).toBeGreaterThan(19);
  const helps = await Promise.all(words.map((word) => say(word, '--help')));
  expect(helps.filter(({ out }) => !out.includes('Example:\n  onward ') || !out.includes('--json'))).toEqual([]);
});
