import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { setup } from '../../../client/temporal/setup.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { NEVER_BY_ITSELF } from '../../support/outage.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand } from './run-cli.ts';

let server: TemporalServer;
let gateway: Gateway;
let env: { readonly ONWARD_URL: string; readonly ONWARD_TOKEN: string };
const ada = uniqueUserId('ada');

beforeAll(async () => {
  // Lists are of the whole namespace.
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
  env = { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.operator };
  const { client, taskQueue } = gateway.stack;
  await setup(client, { recovery: { every: NEVER_BY_ITSELF, perSecond: 5, upToPerSecond: 20 }, taskQueue });
  await start(ada);
});
afterAll(async () => {
  await gateway?.close();
  await server.stop();
});

async function start(id: string): Promise<void> {
  await gateway.stack.onward.start(id, { accountType: 'business' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  await waitUntil(async () => (await runCommand(['count', '--user-id', id], env)).out === '1\n', 'it is listed');
}

const reads = [
  `status ${ada}`,
  `timeline ${ada}`,
  'list',
  'count',
  'summary',
  'stats',
  'recovery',
  'operations',
  'reconcile list',
  'webhooks',
];

describe.each(reads)('onward %s', (line) => {
  const read = async (...more: string[]) => {
    const result = await runCommand([...line.split(' '), ...more], env);
    expect(result).toMatchObject({ exit: 0, err: '' });
    return result.out;
  };
  const withoutTime = (value: unknown) => JSON.parse(JSON.stringify(value, (key, each) => (isTime(key) ? null : each)));
  const isTime = (key: string) => ['asOf', 'at', 'from', 'to', 'nextRunAt', 'startedAt'].includes(key);

  it('prints the same as JSON and as YAML', async () => {
    const json = JSON.parse(await read('--json')) as unknown;
    expect(withoutTime(JSON.parse(await read('--output', 'json')))).toEqual(withoutTime(json));
    expect(withoutTime(parse(await read('-o', 'yaml')))).toEqual(withoutTime(json));
  });

  it('prints a row of CSV for each item, under the names of the JSON', async () => {
    const json = JSON.parse(await read('--json')) as { items?: unknown[]; points?: unknown[] };
    const [head = '', ...rows] = (await read('--output', 'csv')).trimEnd().split('\r\n');
    const items = json.items ?? json.points ?? [json];
    expect(rows).toHaveLength(items.length);
    const [first] = items.flatMap((item) => Object.keys(item as object));
    expect(head.split(',')[0]?.split('.')[0]).toBe(first ?? '');
  });
});

it('escapes what a CSV cell must not contain, and prints a table in a pipe on request', async () => {
  await runCommand(['pause', ada, 'he said "wait", then left'], env);
  const { out } = await runCommand(['timeline', ada, '--output', 'csv'], env);
  expect(out).toContain('"he said ""wait"", then left"');
  expect((await runCommand(['list', '--output', 'table'], env)).out).toContain('│');
  expect((await runCommand(['list'], env)).out).not.toContain('│');
});

it('says that a table has no rows, and prints no line for them in a pipe', async () => {
  const line = ['list', '--state', 'expired'];
  expect((await runCommand([...line, '--output', 'table'], env)).out).toBe('none found\n');
  expect((await runCommand(line, env)).out).toBe('');
});

it('prints an error as JSON if the output was to be JSON', async () => {
  for (const words of [['--json'], ['-o', 'json'], ['--output=json']]) {
    const { exit, out, err } = await runCommand(['status', uniqueUserId('unknown'), ...words], env);
    expect([exit, out, JSON.parse(err)]).toEqual([1, '', expect.objectContaining({ code: 'not_found' })]);
  }
});

describe('--watch in a pipe', () => {
  /** Follows a command until the test has seen enough. */
  function watch(...words: string[]) {
    const child = spawn(
      process.execPath,
      [resolve('dist/client/cli/main.js'), ...words, '--watch', '--interval', '0.1'],
      {
        env: { ...env },
      },
    );
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    return { out: () => out, end: () => child.kill('SIGKILL') };
  }

  it('prints only the lines that are new', async () => {
    const watched = watch('list');
    try {
      await waitUntil(() => watched.out().includes(ada), 'it lists ada');
      const bob = uniqueUserId('bob');
      await start(bob);
      await waitUntil(() => watched.out().includes(bob), 'it lists bob');
      expect(
        watched
          .out()
          .split('\n')
          .filter((line) => line.startsWith(ada)),
      ).toHaveLength(1);
    } finally {
      watched.end();
    }
  });

  it('prints a document for each change', async () => {
    const watched = watch('count', '--output', 'yaml');
    try {
      await waitUntil(() => watched.out() !== '', 'it counts');
      const before = Number((await runCommand(['count'], env)).out);
      await start(uniqueUserId('cy'));
      await waitUntil(() => watched.out().includes(`count: ${before + 1}\n`), 'it counts one more');
      expect(parseAllDocuments(watched.out()).map((each) => each.toJS())).toEqual([
        { count: before },
        { count: before + 1 },
      ]);
    } finally {
      watched.end();
    }
  });
});
