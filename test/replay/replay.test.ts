import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Broken, Replayed } from '../../client/replay/contract.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { bundle } from '../../worker/bundle.ts';
import { journeyId } from '../../workflows/contract.ts';
import { PULSE_TYPE } from '../../workflows/pulse/contract.ts';
import { left, onward } from '../cli/shell.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually, keys, operator, startStack, untilAt, user } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { folder } from './histories.ts';

let server: TemporalServer;
let stack: Stack;
let temporary: string;
let users: { readonly waiting: string; readonly stalled: string; readonly business: string };
let operation: string;
/** Bundles of changed code. */
let changed: { readonly waits: string; readonly fails: string };

beforeAll(async () => {
  server = await startOwnServer();
  // Nobody listens there: changes of status stay undelivered, and their workflows open.
  const receiver = { url: 'http://127.0.0.1:1/', secret: `whsec_${Buffer.alloc(24).toString('base64')}` };
  stack = await startStack({ address: server.address, onward: { tellsStatus: true }, worker: { receiver } });
  temporary = await mkdtemp(join(tmpdir(), 'onward-replay-'));
  const [waits, fails] = await Promise.all([bundled('waits'), bundled('fails')]);
  changed = { waits, fails };
  users = { waiting: user('waiting'), stalled: user('stalled', '.maintenance'), business: user('business') };
  await stack.onward.start(users.waiting, { accountType: 'individual' });
  await stack.onward.start(users.stalled, { accountType: 'individual' });
  await stack.onward.start(users.business, { accountType: 'business' });
  await untilAt(stack, users.waiting, 'emailPending.awaitingCode');
  await untilAt(stack, users.stalled, 'emailPending.stalled');
  await untilAt(stack, users.business, 'emailPending.awaitingCode');
  await eventually(async () => (await stack.onward.list({ step: 'stalled' })).items.length === 1, 'it is listed');
  // So slow that it is open for as long as this takes.
  const request = {
    command: 'pause',
    filter: { state: 'emailPending' },
    expected: 3,
    perSecond: 0.01,
    dryRun: true,
  } as const;
  operation = (await stack.onward.operations.start({ ...request, reason: 'recorded' }, operator)).id;
  await eventually(async () => (await stack.onward.operations.get(operation)).total === 3, 'it has gathered');
  const pulses = `WorkflowType = '${PULSE_TYPE}'`;
  await eventually(
    async () => (await stack.client.workflow.count(pulses)).count === 1,
    'the worker has told what it tried',
  );
});
afterAll(async () => {
  await stack?.close();
  await server?.stop();
  await rm(temporary, { recursive: true, force: true });
});

const [{ id, key }] = keys;
const env = () => ({
  TEMPORAL_ADDRESS: server.address,
  ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
});

async function replay(...words: string[]) {
  const { exit, out, err } = await onward(['replay', '--json', ...words], env());
  const lines = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Broken | Replayed);
  return { exit, err, broken: lines.slice(0, -1) as Broken[], end: lines.at(-1) as Replayed };
}

async function bundled(name: string): Promise<string> {
  const file = join(temporary, `${name}.js`);
  const { code } = await bundle({ workflowsPath: resolve(`test/replay/changed/${name}.ts`) });
  await writeFile(file, code);
  return file;
}

describe('onward replay', () => {
  it('finds that this code replays everything that is open, of every kind', async () => {
    const { exit, err, broken, end } = await replay();
    expect([err, broken, exit]).toEqual(['', [], 0]);
    expect(end).toMatchObject({ broken: 0, replayed: end.of });
    // Three journeys, at least one change of each that nobody takes, an operation, the pulse.
    expect(end.of).toBeGreaterThanOrEqual(8);
  });

  it('names each journey that changed code would break, and where, and exits with 1', async () => {
    const { exit, broken, end } = await replay('--bundle', changed.waits);
    expect([exit, end.broken]).toEqual([1, 3]);
    expect(new Set(broken.map(({ userId }) => userId))).toEqual(new Set(Object.values(users)));
    for (const { type, event, why } of broken) {
      expect({ type, event }).toEqual({ type: 'onboarding', event: { id: 5, type: 'ActivityTaskScheduled' } });
      expect(why).toContain('the code now wants another thing where the history has this: timer');
    }
    const places = Object.fromEntries(broken.map(({ userId, place }) => [userId, place]));
    expect(places).toEqual({
      [users.waiting]: 'emailPending (individual)',
      [users.stalled]: 'emailPending.stalled (individual)',
      [users.business]: 'emailPending (business)',
    });
  });

  it('names all that is no journey as well, and says why what fails does', async () => {
    const { exit, broken } = await replay('--bundle', changed.fails);
    expect(exit).toBe(1);
    expect(new Set(broken.map(({ type }) => type))).toEqual(new Set(['statusChange', 'operation', 'pulse']));
    const failing = broken.find(({ type }) => type === 'operation');
    expect(failing).toMatchObject({ userId: null, event: null });
    expect(failing?.why).toBe("the workflow's task fails: no such operation any more");
    const change = broken.find(({ userId }) => userId === users.waiting);
    expect(change).toMatchObject({ event: { type: 'ActivityTaskScheduled' } });
  });

  it('takes some of every place where it may not take all', async () => {
    const { exit, broken, end } = await replay('--limit', '5', '--bundle', changed.waits);
    expect(exit).toBe(1);
    expect(end.replayed).toBeLessThanOrEqual(5);
    expect(broken).toHaveLength(3);
  });

  it('tells people in a line for each, and a line for all', async () => {
    const { exit, out } = await onward(['replay', '--bundle', changed.waits], env());
    expect(exit).toBe(1);
    expect(out).toMatch(new RegExp(`^${users.stalled.replaceAll('.', '\\.')}\\t.*\\t5 ActivityTaskScheduled\\t`, 'm'));
    expect(out).toMatch(/^\d+ of \d+ replay on this code$/m);
  });

  it('replays what was kept in a folder, as Temporal shows it too', async () => {
    const show = ['workflow', 'show', '--workflow-id', journeyId(users.waiting), '--address', server.address];
    const shown = await left(process.env['TEST_TEMPORAL_BINARY'] ?? '', [...show, '--output', 'json'], {
      HOME: temporary,
    });
    const here = await mkdtemp(join(temporary, 'kept-'));
    await writeFile(join(here, 'waiting.json'), shown.out);
    expect(await replay('--histories', here)).toMatchObject({ err: '', exit: 0, end: { replayed: 1, broken: 0 } });
    const { exit, broken } = await replay('--histories', here, '--bundle', changed.waits);
    expect([exit, broken.map(({ userId }) => userId)]).toEqual([1, [users.waiting]]);
    expect(await replay('--histories', folder)).toMatchObject({ exit: 0, end: { broken: 0 } });
  });

  it('says what it cannot read, and does not call that good', async () => {
    const stranger = { ...env(), ONWARD_ENCRYPTION_KEYS: `other:${Buffer.alloc(32).toString('base64')}` };
    const { exit, out } = await onward(['replay', '--json'], stranger);
    expect(exit).toBe(1);
    expect(out).toContain("no encryption key 'test'");
  });

  it.each([
    [['--limit', '0'], /--limit/],
    [['--limit', 'many'], /--limit/],
    [['--histories', '/nowhere'], /--histories/],
    [['--bundle', '/nowhere.js'], /--bundle/],
    [['more'], /too many arguments/],
  ])('tells misuse from failure: %j', async (words, told) => {
    const { exit, err } = await onward(['replay', ...words], env());
    expect([exit, err]).toEqual([2, expect.stringMatching(told)]);
  });

  it('fails where Temporal is away, and asks for keys first', async () => {
    expect(await onward(['replay'], { ...env(), TEMPORAL_ADDRESS: '127.0.0.1:1' })).toMatchObject({ exit: 1, out: '' });
    const keyless = await onward(['replay'], { TEMPORAL_ADDRESS: server.address });
    expect(keyless).toMatchObject({ exit: 2, err: expect.stringContaining('ONWARD_ENCRYPTION_KEYS') });
  });
});
