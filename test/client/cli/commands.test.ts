import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Environment } from '../../../client/config/env.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { setup } from '../../../client/temporal/setup.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { NEVER_BY_ITSELF } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { operator, waitUntil, newestCode, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import { runCli, runCommand, runInTerminal, runProcess } from './run-cli.ts';

let server: TemporalServer;
let gateway: Gateway;
let folder: string;
let env: Environment;
beforeAll(async () => {
  // Recovery and bulk operations span the namespace, so the test has its own server.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
  folder = await mkdtemp(join(tmpdir(), 'onward-cli-'));
  await writeFile(join(folder, 'gateway.json'), JSON.stringify({ url: gateway.url, tokens: bearers }));
  env = { ONWARD_DATA: folder };
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const ESCAPE = '\u001B[';
const say = (...words: string[]) => runCommand(words, env);
const codeFor = (id: string, channel: 'email' | 'sms') => newestCode(gateway.stack, id, channel);

async function started(name: string, ...more: string[]): Promise<string> {
  const id = uniqueUserId(name);
  expect(await say('start', id, ...more)).toMatchObject({ exit: 0, err: '' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  return id;
}

describe('the commands', () => {
  it('reconcile the users of the provider with the journeys', async () => {
    gateway.stack.sfox.crowd('cli-lost', 1);
    const dryRun = await say('reconcile', '--dry-run', '--wait', 'events', 'were', 'lost', '--json');
    expect(dryRun).toMatchObject({ exit: 0, err: '' });
    expect(JSON.parse(dryRun.out)).toMatchObject({ state: 'done', dryRun: true, reason: 'events were lost' });
    expect((await say('status', 'cli-lost-1')).exit).toBe(1);
    const { out } = await say('reconcile', 'events were lost');
    const id = out.trim();
    expect((await say('reconcile', 'list')).out).toContain(id);
    expect((await say('reconcile', 'show', id)).out).toContain('events were lost');
    expect(await say('reconcile', 'stop', id, 'not now')).toMatchObject({ exit: 0 });
    await waitUntil(async () => (await say('reconcile', 'show', id)).out.includes('stopped'), 'it has stopped');
  });

  it('verify a user', async () => {
    const ada = uniqueUserId('ada');
    expect(await runCli(['start', ada], env)).toMatchObject({ exit: 0, err: '' });
    await waitForPosition(gateway.stack, ada, 'emailPending.awaitingCode');
    const email = await runCli(['code', ada, 'email', await codeFor(ada, 'email')], env);
    expect(email).toMatchObject({ exit: 0, out: expect.stringContaining('verified by code') });
    await waitForPosition(gateway.stack, ada, 'smsPending.awaitingCode');
    expect(await say('code', ada, 'sms', await codeFor(ada, 'sms'), '--key', 'k1')).toMatchObject({ exit: 0 });
    await waitForPosition(gateway.stack, ada, 'done');
    const { out } = await say('status', ada, '--json');
    expect(JSON.parse(out)).toMatchObject({ userId: ada, state: 'done' });
    const timeline = await say('timeline', ada);
    expect(timeline.out).toMatch(/^\d{4}-\S+Z\tStarted\t\t$/m);
  });

  it('apply operator commands', async () => {
    const bo = await started('bo', '--type', 'business');
    const paused = await say('pause', bo, 'under', 'review');
    expect(paused).toMatchObject({ exit: 0, out: expect.stringContaining('paused') });
    expect((await say('status', bo)).out).toMatch(/allowed: .*resume/);
    expect((await say('timeline', bo, '--json')).out).toContain('"reason":"under review"');
    const isAt = (place: string) => waitForPosition(gateway.stack, bo, place);
    expect(await say('resume', bo, 'over')).toMatchObject({ exit: 0 });
    await isAt('emailPending.awaitingCode');
    expect(await say('resend', bo)).toMatchObject({ exit: 0 });
    await isAt('emailPending.awaitingCode');
    expect(await say('recheck', bo)).toMatchObject({ exit: 0 });
    await isAt('emailPending.awaitingCode');
    expect(await say('cancel', bo, 'asked for')).toMatchObject({ exit: 0 });
    await isAt('cancelled');
    expect(await say('restart', bo, 'back')).toMatchObject({ exit: 0 });
    await isAt('emailPending.awaitingCode');
    expect(await say('override', bo, 'email', 'passport')).toMatchObject({ exit: 0 });
  });

  it('supersede a journey', async () => {
    const dot = await started('dot');
    const { exit, out } = await say(
      'supersede',
      dot,
      `${dot}-2`,
      '--reason',
      'the number was wrong',
      '--channel',
      'sms',
    );
    expect({ exit, out }).toEqual({ exit: 0, out: expect.stringContaining(`supersedes: ${dot}`) });
    expect((await say('status', dot)).out).toContain(`superseded by: ${dot}-2`);
    expect((await say('timeline', dot)).out).toContain(`superseded by the journey of ${dot}-2`);
    expect(await say('restart', dot, 'back')).toMatchObject({
      exit: 3,
      err: expect.stringContaining(`restart is not allowed in cancelled: it is superseded by the journey of ${dot}-2`),
    });
    expect(await say('supersede', dot, `${dot}-3`)).toMatchObject({
      exit: 2,
      err: expect.stringContaining('--reason'),
    });
  });

  it('list and count journeys', async () => {
    const cy = await started('cy');
    const listed = () => say('list', '--user-id', cy);
    const { out } = await waitUntil(async () => {
      const answer = await listed();
      return answer.out !== '' && answer;
    }, 'it is listed');
    expect(out.split('\t').slice(0, 3)).toEqual([cy, 'individual', 'emailPending']);
    expect(JSON.parse((await say('list', '--limit', '1', '--json')).out).items).toHaveLength(1);
    expect((await say('summary')).out).toMatch(/^total\t\t\d+$/m);
    expect(await say('count', '--user-id', cy)).toMatchObject({ exit: 0, out: '1\n' });
    expect((await say('count', '--user-id', cy, '--json')).out).toBe('{"count":1}\n');
    expect(JSON.parse((await say('summary', '--json')).out)).toHaveProperty('states.emailPending');
  });

  it('start, show and stop a bulk operation', async () => {
    const [ivy, jan] = [await started('ivy'), await started('jan')];
    for (const id of [ivy, jan]) {
      await waitUntil(async () => (await say('list', '--user-id', id)).out !== '', 'it is listed');
    }
    const begin = (...more: string[]) => say('operations', 'begin', 'pause', 'a drill', '--user-id', ivy, ...more);
    expect(await begin()).toMatchObject({ exit: 2, err: expect.stringContaining('--expected') });
    for (const both of [[], ['--dry-run', '--dry-run-id', 'x']]) {
      const refused = await begin('--expected', '1', ...both);
      expect(refused).toMatchObject({ exit: 2, err: expect.stringContaining('--dry-run first') });
    }
    const other = await begin('--expected', '7', '--dry-run');
    expect(other).toMatchObject({ exit: 2, err: expect.stringContaining('finds 1 journeys, not 7') });
    const dry = (await begin('--expected', '1', '--dry-run')).out.trim();
    const row = await waitUntil(async () => {
      const { out } = await say('operations', 'show', dry);
      return out !== '' && out;
    }, 'the dry run has a result');
    expect(row).toBe(`${ivy}\tapplied\t\t\n`);
    await waitUntil(async () => (await say('operations', 'show', dry, '--json')).out.includes('"done"'), 'it is done');
    const { out } = await begin('--expected', '1', '--dry-run-id', dry, '--json');
    const { id } = JSON.parse(out) as { id: string };
    await waitForPosition(gateway.stack, ivy, 'emailPending.paused');
    await waitForPosition(gateway.stack, jan, 'emailPending.awaitingCode');
    expect(await say('operations', 'stop', id, 'enough')).toMatchObject({ exit: 0 });
    expect((await say('operations')).out).toContain(`${id}\tpause\t`);
    expect(await runInTerminal(['operations', 'show', id], env)).toContain('a drill');
  });

  it('wait for a bulk operation, and print its result', async () => {
    const kim = await started('kim');
    await waitUntil(async () => (await say('count', '--user-id', kim)).out === '1\n', 'it is listed');
    const begin = (...more: string[]) =>
      say('operations', 'begin', 'pause', 'a drill', '--user-id', kim, '--expected', '1', '--wait', ...more);
    const dry = await begin('--dry-run', '--json');
    const report = JSON.parse(dry.out) as { id: string };
    expect(report).toMatchObject({
      state: 'done',
      dryRun: true,
      done: 1,
      items: [{ userId: kim, outcome: 'applied' }],
    });
    expect(await begin('--dry-run-id', report.id)).toEqual({ exit: 0, out: `${kim}\tapplied\t\t\n`, err: '' });
    await waitForPosition(gateway.stack, kim, 'emailPending.paused');
    const stopped = await say('operations', 'stop', report.id, 'too late');
    expect(stopped).toEqual({ exit: 0, out: 'nothing to stop: it is done, 1 of 1\n', err: '' });
  });

  it('apply a command to a selection, warn that another operation overlaps, and never call a refusal done', async () => {
    const [kai, lea] = [await started('kai'), await started('lea')];
    const selected = [kai, lea].join(',');
    await waitUntil(async () => (await gateway.stack.onward.count({ userIds: [kai, lea] })) === 2, 'both are listed');
    const begin = (...more: string[]) =>
      say('operations', 'begin', 'resend', 'a drill', '--user-ids', selected, '--expected', '2', ...more);
    const ended = (id: string) =>
      waitUntil(
        async () => (await say('operations', 'show', id, '--json')).out.includes('"state":"done"'),
        'it is done',
      );
    const dry = (await begin('--dry-run')).out.trim();
    await ended(dry);
    const slow = (await begin('--dry-run-id', dry, '--per-second', '0.01')).out.trim();
    await waitUntil(async () => (await gateway.stack.onward.operations.get(slow)).total === 2, 'its users are listed');
    const shown = await waitUntil(async () => {
      const text = await runInTerminal(['operations', 'show', dry], env);
      return text.includes('warning:') && text;
    }, 'the running operation is seen');
    expect(shown).toContain(`acts on 2 of these users now: onward operations show ${slow}`);
    await say('operations', 'stop', slow, 'enough');

    for (const id of [kai, lea]) await gateway.stack.onward.pause(id, { reason: 'a drill' }, operator);
    const refused = (await begin('--dry-run')).out.trim();
    await ended(refused);
    expect(await runInTerminal(['operations', 'show', refused], env)).toContain(
      'Nothing would be applied, 2 would be refused: resend (dry run), 2 of 2',
    );
    expect((await say('operations')).out).toContain(
      `${refused}\tresend (dry run)\tnothing would be applied, 2 would be`,
    );
  });

  it('refuse a command if another operator was faster, and name that operator', async () => {
    const mia = await started('mia');
    const revision = await waitUntil(async () => {
      const status = JSON.parse((await say('status', mia, '--json')).out) as { revision: number | null };
      return status.revision ?? false;
    }, 'a worker gives the status');
    const pause = () => say('pause', mia, 'a drill', '--if-revision', String(revision));
    expect(await pause()).toMatchObject({ exit: 0 });
    expect(await pause()).toMatchObject({
      exit: 3,
      err: expect.stringMatching(/at revision \d+, not \d+; meanwhile, .*Paused by operator operator-name \(a drill\)/),
    });
  });

  it('list what operators did, and notes', async () => {
    const noa = await started('noa');
    await say('pause', noa, 'a suspicious sign-up');
    const acts = (...more: string[]) => say('acts', '--user-id', noa, ...more);
    const { out } = await waitUntil(async () => {
      const found = await acts();
      return found.out !== '' && found;
    }, 'the act is listed');
    expect(out).toMatch(new RegExp(`\toperator-name\tpause\t${noa}\tapplied \\(202\\)\ta suspicious sign-up\n$`));
    expect((await acts('--result', 'refused')).out).toBe('');
    expect((await acts('--csv')).out).toContain(`,operator-name,pause,${noa},`);
    for (const about of [['--user', noa], []]) {
      const id = (await say('notes', 'add', ...about, 'called us')).out.trim();
      const listed = async () => (await say('notes', ...about)).out.includes(`operator-name\tcalled us`);
      await waitUntil(listed, 'the note is listed');
      expect(await say('notes', 'remove', id, ...about)).toMatchObject({ exit: 0, out: 'removed: called us\n' });
    }
  });

  it('show and control recovery, and report that it is not set up', async () => {
    const none = await say('recovery');
    expect(none).toMatchObject({ exit: 1, err: expect.stringContaining('setup') });
    const settings = { every: NEVER_BY_ITSELF, perSecond: 5, upToPerSecond: 20 };
    const { client, taskQueue } = gateway.stack;
    await setup(client, { recovery: settings, taskQueue });
    const paused = await say('recovery', 'pause', 'sFOX', 'asked');
    expect(paused).toMatchObject({ exit: 0, out: expect.stringMatching(/^recovery is paused;.*5 to 20 a second/) });
    expect((await say('recovery')).out).toBe((await say('recovery', 'status')).out);
    expect((await say('recovery', 'status')).out).toMatch(/^recovery is paused; by .+ since .+: "sFOX asked"/);
    expect((await say('summary')).out).toMatch(/^recovery is paused by .+ since .+ UTC \("sFOX asked"\)/);
    expect(await runInTerminal(['summary'], env)).toMatch(/^\s*recovery is paused by /);
    // It is present, though no journey is stalled: a count of journeys would say 0.
    expect((await say('summary')).out).toMatch(/^blockers\trecoveryPaused\tyes$/m);
    expect((await say('summary')).out).toMatch(/^blockers\tproviderFailing\tno$/m);
    expect(await say('recovery', 'resume', 'over')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('next run'),
    });
    const triggered = JSON.parse((await say('recovery', 'trigger', 'now', '--json')).out) as object;
    expect(triggered).toMatchObject({ acts: { triggered: { reason: 'now', by: { role: 'operator' } } } });
  });

  it('print the state diagram', async () => {
    expect((await say('diagram')).out).toContain('stateDiagram-v2');
    expect(JSON.parse((await say('diagram', '--steps', '--json')).out).mermaid).toMatch(/^stateDiagram-v2/);
  });
});

describe('`onward status --watch`', () => {
  it('prints one line per change and exits at the final state', async () => {
    const di = await started('di', '--type', 'business');
    const watching = runCli(['status', di, '--watch'], env);
    await waitUntil(() => gateway.stack.onward.subscriptions.size > 0, 'the CLI is subscribed');
    await say('code', di, 'email', await codeFor(di, 'email'));
    const { exit, out } = await watching;
    expect(exit).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines[0]).toMatch(/Z\temailPending, awaiting code$/);
    expect(lines.at(-1)).toMatch(/Z\tdone$/);
  });

  it('highlights the current state on a terminal and prints no colours to a pipe', async () => {
    const eve = await started('eve');
    await say('cancel', eve, 'x');
    await waitForPosition(gateway.stack, eve, 'cancelled');
    const drawn = await runInTerminal(['status', eve, '--watch'], env);
    expect(drawn).toContain(`${ESCAPE}7m`);
    expect(drawn).toContain(' cancelled ');
    const table = await runInTerminal(['list', '--user-id', eve], env);
    expect(table).toMatch(/│ \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\S* +│.*\r\n.*│ \((now|\d.* ago)\)/);
    expect(table).not.toContain(String.raw`\u{`);
    const piped = await say('status', eve, '--watch');
    expect(piped.out).not.toContain(ESCAPE);
    expect((await say('list')).out).not.toMatch(/│/);
  });
});

describe('the exit code', () => {
  const begin = ['operations', 'begin', 'retry', 'x', '--expected', '5'];

  it('is 1 for a wrong code or an unknown user', async () => {
    const flo = await started('flo');
    const wrong = (await codeFor(flo, 'email')) === '0000' ? '1111' : '0000';
    expect(await say('code', flo, 'email', wrong)).toMatchObject({ exit: 1, out: expect.stringMatching(/^incorrect/) });
    const unknownUser = await runCli(['status', uniqueUserId('unknown')], env);
    expect(unknownUser).toMatchObject({ exit: 1, out: '', err: expect.stringMatching(/^onward: no journey.*\n$/) });
  });

  it('is 1 if no worker answers a command, with the idempotency key to repeat it with', async () => {
    const other = await startGateway({ address: server.address, withoutWorker: true, onward: { commandTimeout: 300 } });
    const operator = { ONWARD_URL: other.url, ONWARD_TOKEN: bearers.operator };
    try {
      const hal = uniqueUserId('hal');
      await other.stack.onward.start(hal, { accountType: 'individual' });
      const { exit, err } = await runCommand(['cancel', hal, 'a mistake'], operator);
      expect([exit, err]).toEqual([
        1,
        expect.stringMatching(/^onward: no worker .* may still be carried out [^\n]*\n$/),
      ]);
      const key = /--key (\S+)/.exec(err)?.[1] ?? '';
      const again = await runCommand(['cancel', hal, 'a mistake', '--key', key, '--json'], operator);
      expect(JSON.parse(again.err)).toMatchObject({ code: 'unavailable', status: 503, key });
      await other.stack.startWorker();
      await waitForPosition(other.stack, hal, 'cancelled');
      expect(await runCommand(['cancel', hal, 'a mistake', '--key', key], operator)).toMatchObject({ exit: 0 });
      expect(await runCommand(['cancel', hal, 'a mistake'], operator)).toMatchObject({ exit: 3 });
    } finally {
      await other.close();
    }
  });

  it.each<[string, RequestListener]>([
    ['replies with HTML', (_, response) => response.setHeader('content-type', 'text/html').end('<html>')],
    ['closes the connection', (request) => request.socket.destroy()],
    ['fails without a problem document', (_, response) => response.writeHead(502).end('bad gateway')],
  ])('is 1 if the server %s, with the idempotency key of the command', async (_, respond) => {
    const otherServer = createServer(respond);
    await once(otherServer.listen(0, '127.0.0.1'), 'listening');
    const { port } = otherServer.address() as AddressInfo;
    const operator = { ONWARD_URL: `http://127.0.0.1:${port}`, ONWARD_TOKEN: bearers.operator };
    try {
      for (const words of [
        ['cancel', 'ada', 'a mistake'],
        ['code', 'ada', 'email', '1234'],
        ['operations', 'begin', 'pause', 'a drill', '--state', 'emailPending', '--expected', '1', '--dry-run'],
      ]) {
        const { exit, out, err } = await runCommand([...words, '--key', 'k-1'], operator);
        expect([exit, out, err]).toEqual([1, '', expect.stringMatching(/^onward: [^\n]+; [^\n]+ --key k-1 [^\n]+\n$/)]);
        const failed = await runCommand([...words, '--key', 'k-1', '--json'], operator);
        expect(JSON.parse(failed.err)).toMatchObject({
          key: 'k-1',
          code: expect.stringMatching(/^(unreachable|unexpected_response)$/),
        });
      }
      const watched = await runCommand(['status', 'ada', '--watch'], operator);
      expect([watched.exit, watched.err]).toEqual([1, expect.stringMatching(/^onward: [^\n]+\n$/)]);
    } finally {
      otherServer.close();
    }
  });

  it('is 3 if a command is not allowed now, with the allowed commands', async () => {
    const gus = await started('gus');
    const { exit, err } = await runCli(['resume', gus, 'x'], env);
    expect(exit).toBe(3);
    expect(err).toMatch(/^onward: .*allowed: .*pause.*\n$/);
    const texted = await say('override', gus, 'sms', 'why');
    expect(texted.err).toMatch(/^onward: override is not allowed in \S+ for sms; allowed: .*override \(email\)\n$/);
    expect(await say('cancel', gus, 'x')).toMatchObject({ exit: 0 });
    await waitForPosition(gateway.stack, gus, 'cancelled');
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
    [[], 'Did you mean timeline?', ['timelin']],
    [[], 'Did you mean emailPending?', ['list', '--state', 'emailpendig']],
    [[], 'Did you mean begin?', ['operations', 'begn', 'retry']],
    [[], 'Did you mean --watch?', ['list', '--wach']],
    [[], "unknown command 'foo'", ['recovery', 'foo']],
    [[], "unknown command 'foo'", ['webhooks', 'foo']],
    [[], "unknown command 'begn'", ['operations', 'begn', 'retry', '--step', 'stalled']],
    [[], '--loud', ['operations', '--loud']],
    [[], "--expected <count>' argument '5O'", ['operations', 'begin', 'retry', 'x', '--expected', '5O']],
    [[], "--per-second <count>' argument 'x'", [...begin, '--per-second', 'x']],
    [[], "--limit <count>' argument 'few'", ['list', '--limit', 'few']],
  ])('is 2 for a usage error, reported in one line: %s%s', async (_, named, words) => {
    const { exit, out, err } = await runCommand(words, env);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toMatch(/^onward: [^\n]+\n$/);
    expect(err.toLowerCase()).toContain(named.toLowerCase());
  });

  it('is 1 without a gateway, and 2 without a token', async () => {
    const nothing = await runCommand(['summary'], { ONWARD_DATA: join(folder, 'none') });
    expect(nothing).toMatchObject({ exit: 1, err: expect.stringContaining('npm start') });
    const away = await runCommand(['summary'], { ONWARD_URL: 'http://127.0.0.1:9', ONWARD_TOKEN: 'x' });
    expect(away).toMatchObject({ exit: 1, err: 'onward: no response from http://127.0.0.1:9\n' });
    const noToken = await runCli(['summary'], { ONWARD_URL: gateway.url });
    expect(noToken).toMatchObject({ exit: 2, err: expect.stringContaining('ONWARD_TOKEN') });
  });
});

describe('output that cannot be written', () => {
  const run = (command: string) =>
    runProcess(
      'bash',
      ['--norc', '-c', `onward() { "${process.execPath}" dist/client/cli/main.js "$@"; }; ${command}`],
      {
        ...env,
      },
    );

  it.each(['list --json', 'summary', 'diagram', '--help', '--version', 'completion bash'])(
    'makes `onward %s` exit 1 with an error message',
    async (words) => {
      const { exit, err } = await run(`onward ${words} > /dev/full`);
      expect([exit, err]).toEqual([
        1,
        expect.stringMatching(/^onward: standard output cannot be written: ENOSPC[^\n]*\n$/),
      ]);
    },
  );

  it('exits silently if the reader has closed the pipe', async () => {
    const { out, err } = await run('onward completion bash | head -1; echo "${PIPESTATUS[0]}"');
    expect([out, err]).toEqual(['# bash completion of onward\n0\n', '']);
  });

  it('keeps the exit code if only stderr cannot be written', async () => {
    expect(await run('onward statsu 2> /dev/full')).toMatchObject({ exit: 2, out: '' });
  });
});

describe('an error in JSON', () => {
  const failure = async (...words: string[]) => {
    const { exit, out, err } = await say(...words, '--json');
    expect(out).toBe('');
    return { exit, ...(JSON.parse(err) as object) };
  };

  it('is the gateway’s problem, under the same exit code', async () => {
    const ian = await started('ian');
    const place = { state: 'emailPending', step: 'awaitingCode', allowed: { override: { channel: 'email' } } };
    expect(await failure('resume', ian, 'x')).toMatchObject({ exit: 3, code: 'invalid_state', status: 409, ...place });
    expect(await failure('status', uniqueUserId('unknown'))).toMatchObject({ exit: 1, code: 'not_found', field: null });
  });

  it('has a code if no request was sent', async () => {
    const misuse = { exit: 2, code: 'misuse', detail: "missing required argument 'reason'" };
    expect(await failure('cancel', 'ada')).toEqual(misuse);
    const nothing = await runCommand(['summary', '--json'], { ONWARD_DATA: join(folder, 'none') });
    expect(JSON.parse(nothing.err)).toMatchObject({
      code: 'unreachable',
      detail: expect.stringContaining('npm start'),
    });
  });
});

it('reads the gateway and the token from the environment or a file', async () => {
  await writeFile(join(folder, 'token'), `${bearers.viewer}\n`);
  const viewer = { ONWARD_URL: gateway.url, ONWARD_TOKEN_FILE: join(folder, 'token') };
  expect(await runCommand(['summary'], viewer)).toMatchObject({ exit: 0 });
  const refused = await runCommand(['start', 'ada'], viewer);
  expect(refused).toMatchObject({ exit: 1, err: expect.stringContaining('viewer') });
  const unknownUser = await runCommand(['status', uniqueUserId('unknown')], {
    ONWARD_DATA: folder,
    ONWARD_TOKEN: bearers.app,
  });
  expect(unknownUser.err).toContain('no journey');
});

it('checks the Temporal server of the data folder', async () => {
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

it('prints its version', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  for (const option of ['--version', '-V']) {
    expect(await runCli([option], {})).toEqual({ exit: 0, out: `${version}\n`, err: '' });
  }
  expect((await runCommand(['--help'], {})).out).toContain('--version');
});

it('groups the commands in its help, and shows an example in the help of each', async () => {
  const { out, exit } = await say('--help');
  expect(exit).toBe(0);
  const headings = ['One person:', 'All journeys:', 'Operations:', 'This installation:', 'This program:'];
  expect(out.match(/^\S.*:$/gm)).toEqual(expect.arrayContaining(headings));
  const words = [...out.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, word = '']) => word).filter((word) => word !== 'help');
  expect(words.length).toBeGreaterThan(24);
  const helps = await Promise.all(words.map((word) => say(word, '--help')));
  expect(helps.filter(({ out }) => !out.includes('Examples:\n  onward ') || !out.includes('--output'))).toEqual([]);
});
