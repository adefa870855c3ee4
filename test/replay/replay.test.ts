import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openGroups } from '../../client/replay/sample-open-workflows.ts';
import type { ReplayBreakage, ReplayReport } from '../../client/replay/protocol.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { bundle } from '../../worker/bundle.ts';
import { journeyId } from '../../workflows/contract.ts';
import { PROVIDER_HEALTH_TYPE } from '../../workflows/provider-health/contract.ts';
import { whatIfId, WHAT_IF_TYPE } from '../../workflows/what-if/contract.ts';
import { runProcess, runCli } from '../client/cli/run-cli.ts';
import { startOwnServer } from '../support/own-server.ts';
import { waitUntil, keys, operator, startStack, waitForPosition, uniqueUserId } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';
import { historiesFolder } from './histories.ts';

let server: TemporalServer;
let stack: Stack;
let temporary: string;
let users: { readonly waiting: string; readonly stalled: string; readonly business: string };
let operation: string;
/** Bundles of changed code. */
let changed: { readonly waits: string; readonly fails: string };

beforeAll(async () => {
  server = await startOwnServer();
  // No server listens on this port, so webhook deliveries stay open.
  const receiver = { url: 'http://127.0.0.1:1/', secret: `whsec_${Buffer.alloc(24).toString('base64')}` };
  stack = await startStack({ address: server.address, onward: { notifyReceiver: true }, worker: { receiver } });
  temporary = await mkdtemp(join(tmpdir(), 'onward-replay-'));
  const [waits, fails] = await Promise.all([bundleChanged('waits'), bundleChanged('fails')]);
  changed = { waits, fails };
  users = {
    waiting: uniqueUserId('waiting'),
    stalled: uniqueUserId('stalled', '.maintenance'),
    business: uniqueUserId('business'),
  };
  await stack.onward.start(users.waiting, { accountType: 'individual' });
  await stack.onward.start(users.stalled, { accountType: 'individual' });
  await stack.onward.start(users.business, { accountType: 'business' });
  await waitForPosition(stack, users.waiting, 'emailPending.awaitingCode');
  await waitForPosition(stack, users.stalled, 'emailPending.stalled');
  await waitForPosition(stack, users.business, 'emailPending.awaitingCode');
  await waitUntil(
    async () => (await stack.onward.list({ step: 'stalled' })).items.length === 1,
    'the stalled journey is listed',
  );
  // So slow that the operation stays open during the tests.
  const request = {
    command: 'pause',
    filter: { state: 'emailPending' },
    expected: 3,
    perSecond: 0.01,
    dryRun: true,
  } as const;
  operation = (await stack.onward.operations.start({ ...request, reason: 'recorded' }, operator)).id;
  await waitUntil(
    async () => (await stack.onward.operations.get(operation)).total === 3,
    'the operation has collected its users',
  );
  const healthQuery = `WorkflowType = '${PROVIDER_HEALTH_TYPE}'`;
  await waitUntil(
    async () => (await stack.client.workflow.count(healthQuery)).count === 1,
    'the worker has reported its attempts',
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
  const { exit, out, err } = await runCli(['replay', '--json', ...words], env());
  const lines = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReplayBreakage | ReplayReport);
  return { exit, err, broken: lines.slice(0, -1) as ReplayBreakage[], end: lines.at(-1) as ReplayReport };
}

async function bundleChanged(name: string): Promise<string> {
  const file = join(temporary, `${name}.js`);
  const { code } = await bundle({ workflowsPath: resolve(`test/replay/changed/${name}.ts`) });
  await writeFile(file, code);
  return file;
}

describe('onward replay', () => {
  it('reports that the current code replays every open workflow of every type', async () => {
    const { exit, err, broken, end } = await replay();
    expect([err, broken, exit]).toEqual(['', [], 0]);
    expect(end).toMatchObject({ broken: 0, replayed: end.of });
    // Three journeys, at least one undelivered webhook of each, a bulk operation, the provider health workflow.
    expect(end.of).toBeGreaterThanOrEqual(8);
  });

  it('names each journey that changed code would break, with its position, and exits with 1', async () => {
    const { exit, broken, end } = await replay('--bundle', changed.waits);
    expect([exit, end.broken]).toEqual([1, 3]);
    expect(new Set(broken.map(({ userId }) => userId))).toEqual(new Set(Object.values(users)));
    for (const { type, event, cause: why } of broken) {
      expect({ type, event }).toEqual({ type: 'onboarding', event: { id: 5, type: 'ActivityTaskScheduled' } });
      expect(why).toContain('the code now issues another command where the history has this event: timer');
    }
    const places = Object.fromEntries(broken.map(({ userId, place }) => [userId, place]));
    expect(places).toEqual({
      [users.waiting]: 'emailPending (individual)',
      [users.stalled]: 'emailPending.stalled (individual)',
      [users.business]: 'emailPending (business)',
    });
  });

  it('also names other workflows that fail, with the cause', async () => {
    const { exit, broken } = await replay('--bundle', changed.fails);
    expect(exit).toBe(1);
    expect(new Set(broken.map(({ type }) => type))).toEqual(
      new Set(['webhookDelivery', 'bulkOperation', 'providerHealth']),
    );
    const failing = broken.find(({ type }) => type === 'bulkOperation');
    expect(failing).toMatchObject({ userId: null, event: null });
    expect(failing?.cause).toBe('the workflow task fails: no such operation any more');
    const change = broken.find(({ userId }) => userId === users.waiting);
    expect(change).toMatchObject({ event: { type: 'ActivityTaskScheduled' } });
  });

  it('replays a sample of every position if the number is limited', async () => {
    const { exit, broken, end } = await replay('--limit', '5', '--bundle', changed.waits);
    expect(exit).toBe(1);
    expect(end.replayed).toBeLessThanOrEqual(5);
    expect(broken).toHaveLength(3);
  });

  it('prints a line for each failure, and a summary', async () => {
    const { exit, out } = await runCli(['replay', '--bundle', changed.waits], env());
    expect(exit).toBe(1);
    expect(out).toMatch(new RegExp(`^${users.stalled.replaceAll('.', '\\.')}\\t.*\\t5 ActivityTaskScheduled\\t`, 'm'));
    expect(out).toMatch(/^\d+ of \d+ replay on this code$/m);
  });

  it('takes the histories of open what-ifs as well', async () => {
    // A task queue without a worker keeps it open.
    const { whatIfs } = stack.facade({ taskQueue: 'without-worker' });
    const { id } = await whatIfs.start({ policy: { codeLife: '5 minutes' } }, operator.name);
    const group = await waitUntil(
      async () => (await openGroups(stack.client)).find(({ place }) => place === WHAT_IF_TYPE),
      'the what-if is listed',
    );
    expect(group.count).toBe(1);
    await stack.client.workflow.getHandle(whatIfId(id)).terminate();
    await waitUntil(
      async () => (await openGroups(stack.client)).every(({ place }) => place !== WHAT_IF_TYPE),
      'the what-if is closed',
    );
  });

  it("replays histories from a folder, also in the JSON of Temporal's Web UI", async () => {
    const show = ['workflow', 'show', '--workflow-id', journeyId(users.waiting), '--address', server.address];
    const shown = await runProcess(process.env['TEST_TEMPORAL_BINARY'] ?? '', [...show, '--output', 'json'], {
      HOME: temporary,
    });
    const here = await mkdtemp(join(temporary, 'kept-'));
    await writeFile(join(here, 'waiting.json'), shown.out);
    expect(await replay('--histories', here)).toMatchObject({ err: '', exit: 0, end: { replayed: 1, broken: 0 } });
    const { exit, broken } = await replay('--histories', here, '--bundle', changed.waits);
    expect([exit, broken.map(({ userId }) => userId)]).toEqual([1, [users.waiting]]);
    expect(await replay('--histories', historiesFolder)).toMatchObject({ exit: 0, end: { broken: 0 } });
  });

  it('reports files that it cannot read, and does not exit with 0', async () => {
    const withOtherKey = { ...env(), ONWARD_ENCRYPTION_KEYS: `other:${Buffer.alloc(32).toString('base64')}` };
    const { exit, out } = await runCli(['replay', '--json'], withOtherKey);
    expect(exit).toBe(1);
    expect(out).toContain("no encryption key 'test'");
  });

  it.each([
    [['--limit', '0'], /--limit/],
    [['--limit', 'many'], /--limit/],
    [['--histories', '/nowhere'], /--histories/],
    [['--bundle', '/nowhere.js'], /--bundle/],
    [['more'], /too many arguments/],
  ])('distinguishes a usage error from a failure: %j', async (args, message) => {
    const { exit, err } = await runCli(['replay', ...args], env());
    expect([exit, err]).toEqual([2, expect.stringMatching(message)]);
  });

  it('fails if Temporal is unavailable, and requires keys first', async () => {
    expect(await runCli(['replay'], { ...env(), TEMPORAL_ADDRESS: '127.0.0.1:1' })).toMatchObject({ exit: 1, out: '' });
    const keyless = await runCli(['replay'], { TEMPORAL_ADDRESS: server.address });
    expect(keyless).toMatchObject({ exit: 2, err: expect.stringContaining('ONWARD_ENCRYPTION_KEYS') });
  });
});
