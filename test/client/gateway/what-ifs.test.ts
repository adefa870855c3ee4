import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWorkflow, memoOf, readMemo } from '../../../client/temporal/messages.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { createRequest } from '../../../workflows/engine/client.ts';
import { WHAT_IF_MEMO, WHAT_IF_PROGRESS_MEMO, WHAT_IF_TYPE, whatIfId } from '../../../workflows/what-if/contract.ts';
import { bearers, openGateway, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { guessWrong, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand } from '../cli/run-cli.ts';
import { parseOrder, parseProgressMemo } from '../../../workflows/what-if/parse.ts';

let server: TemporalServer;
let gateway: Gateway;
let folder: string;
let file: string;
const ada = uniqueUserId('ada');
beforeAll(async () => {
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address });
  folder = await mkdtemp(join(tmpdir(), 'onward-what-if-'));
  file = join(folder, 'new.yml');
  await writeFile(
    file,
    'cooldowns: [0 s]\nretrySendFor: 0 s\nunknownUserFor: 0 s\nguesses: { perCode: 1, perChannel: 1 }\n',
  );
  await gateway.stack.onward.start(ada, { accountType: 'individual' });
  await waitForPosition(gateway.stack, ada, 'emailPending.awaitingCode');
  await guessWrong(gateway.stack, ada);
  await waitUntil(async () => (await gateway.stack.onward.count({ userId: ada })) === 1, 'the journey is listed');
});
afterAll(async () => {
  await gateway?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const policy = {
  cooldowns: ['0 s'],
  retrySendFor: '0 s',
  unknownUserFor: '0 s',
  guesses: { perCode: 1, perChannel: 1 },
};

const RUNNING = `WorkflowType = '${WHAT_IF_TYPE}' AND ExecutionStatus = 'Running'`;

it('lets a viewer start a what-if, and returns it in sum and for each journey that differs', async () => {
  const started = await gateway.call('POST', '/v1/what-ifs', {
    as: 'viewer',
    body: { policy, filter: { userId: ada } },
  });
  expect(started).toMatchObject({ status: 202 });
  const path = `/v1/what-ifs/${started.body.id}`;
  const get = () => gateway.call('GET', path, { as: 'viewer' });
  await waitUntil(async () => (await get()).body.state === 'done', 'the what-if is done');
  expect((await get()).body).toMatchObject({
    total: 1,
    done: 1,
    policy,
    differences: { lockedSooner: 1 },
    items: [{ userId: ada, result: 'undecided', differences: ['lockedSooner'] }],
    next: null,
  });
  const { body } = await gateway.call('GET', '/v1/what-ifs?limit=1', { as: 'viewer' });
  expect(body.items).toMatchObject([{ id: started.body.id, state: 'done' }]);
});

it.each([
  ['policy', { policy: { guesses: { perCode: 0 } } }],
  ['policy', { policy: { guess: {} } }],
  ['since', { policy, since: 'yesterday' }],
  ['filter', { policy, filter: { userIdPrefix: 'a' } }],
])('answers 400 that names a wrong %s', async (field, body) => {
  const reply = await gateway.call('POST', '/v1/what-ifs', { as: 'viewer', body });
  expect(reply).toMatchObject({ status: 400 });
  expect(JSON.stringify(reply.body)).toContain(field);
});

it('answers 404 for an id of no what-if, and 403 for the product', async () => {
  for (const id of ['nothing', '0b5a1f86-2f3b-4a57-9a55-0d6a1cf1f1f7']) {
    expect(await gateway.call('GET', `/v1/what-ifs/${id}`, { as: 'viewer' })).toMatchObject({ status: 404 });
  }
  expect(await gateway.call('POST', '/v1/what-ifs', { as: 'app', body: { policy } })).toMatchObject({ status: 403 });
});

describe('a gateway without a worker, so that what-ifs stay open', () => {
  let own: Gateway;
  beforeAll(async () => {
    own = await startGateway({ address: server.address, withoutWorker: true });
  });
  afterAll(() => own?.close());

  const start = (as: 'viewer' | 'operator', filter = {}) =>
    own.call('POST', '/v1/what-ifs', { as, body: { policy, filter } });
  const stop = (id: string) => own.call('POST', `/v1/what-ifs/${id}/stop`, { as: 'viewer' });

  it('lets each caller have one, which every viewer can stop', async () => {
    const { body } = await start('viewer');
    const refused = await start('viewer');
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(refused.body.detail).toContain(`the what-if ${body.id} of viewer-name is still running`);
    expect(refused.headers.get('retry-after')).toBe('10');
    const other = await start('operator');
    expect(other).toMatchObject({ status: 202 });
    expect(await stop(other.body.id)).toMatchObject({ status: 200, body: { id: other.body.id, state: 'stopped' } });
    expect(await stop(body.id)).toMatchObject({ status: 200, body: { state: 'stopped', done: 0 } });
    expect(await stop(body.id)).toMatchObject({ status: 200, body: { state: 'stopped' } });
    expect(await stop(randomUUID())).toMatchObject({ status: 404 });
    const audited = own.logged.filter((line) => line.includes('"audit":"stopWhatIf"') && line.includes(body.id));
    expect(audited.length).toBeGreaterThan(1);
  });

  it('starts one of several that a caller asks for at once, and five in all', async () => {
    const both = await Promise.all([start('viewer'), start('viewer')]);
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 429]);
    const { whatIfs } = own.stack.onward;
    const others = [];
    for (const by of ['a', 'b', 'c', 'd']) others.push(await whatIfs.start({ policy }, by));
    await expect(whatIfs.start({ policy }, 'e')).rejects.toThrow('5 what-ifs are running, which is the most');
    // Another gateway counts them once they are listed.
    const elsewhere = await openGateway(own.stack, { onward: own.stack.facade({}) });
    await waitUntil(async () => (await own.stack.client.workflow.count(RUNNING)).count === 5, 'they are listed');
    expect(await elsewhere.call('POST', '/v1/what-ifs', { as: 'operator', body: { policy } })).toMatchObject({
      status: 429,
    });
    await elsewhere.close();
    const words = ['what-if', 'stop', others[0]?.id ?? ''];
    const stopped = await runCommand(words, { ONWARD_URL: own.url, ONWARD_TOKEN: bearers.viewer });
    expect(stopped).toMatchObject({ exit: 0, out: expect.stringContaining('stopped: 0 of') });
    const last = await start('operator');
    expect(last).toMatchObject({ status: 202 });
    const ids = [...both, last].flatMap(({ status, body }) => (status === 202 ? [String(body.id)] : []));
    for (const id of [...ids, ...others.slice(1).map((each) => each.id)]) await whatIfs.stop(id);
  });

  it('are stopped by the erasure of a user that they name', async () => {
    const bo = uniqueUserId('bo');
    await own.stack.onward.start(bo, { accountType: 'individual' });
    const { body } = await start('viewer', { userId: bo });
    await waitUntil(async () => (await own.stack.client.workflow.count(RUNNING)).count > 0, 'it is listed');
    const erasure = { as: 'operator', body: { reason: 'the user asked for it' } } as const;
    expect(await own.call('DELETE', `/v1/users/${bo}`, erasure)).toMatchObject({ status: 200 });
    expect(await own.call('GET', `/v1/what-ifs/${body.id}`, { as: 'viewer' })).toMatchObject({ status: 404 });
  });

  it('leaves out a what-if whose policy this release does not accept', async () => {
    const { client } = own.stack;
    const { id } = await own.stack.onward.whatIfs.start({ policy }, 'night');
    const described = await describeWorkflow(client, whatIfId(id));
    const order = await readMemo(client, memoOf(described), WHAT_IF_MEMO, parseOrder);
    const progress = await readMemo(client, memoOf(described), WHAT_IF_PROGRESS_MEMO, parseProgressMemo);
    const foreign = randomUUID();
    const foreignOrder = { ...Object(order), id: foreign, document: { telegrams: 3 } };
    await client.workflow.start(WHAT_IF_TYPE, {
      workflowId: whatIfId(foreign),
      taskQueue: 'unpolled',
      memo: {
        [WHAT_IF_MEMO]: createRequest('memo', WHAT_IF_MEMO, foreignOrder),
        [WHAT_IF_PROGRESS_MEMO]: createRequest('memo', WHAT_IF_PROGRESS_MEMO, progress),
      },
    });
    await waitUntil(async () => (await client.workflow.count(RUNNING)).count === 2, 'both are listed');
    const { status, body } = await own.call('GET', '/v1/what-ifs', { as: 'viewer' });
    expect(status).toBe(200);
    const listed = body.items.map((item: { id: string }) => item.id);
    expect(listed).toContain(id);
    expect(listed).not.toContain(foreign);
    expect(await own.call('GET', `/v1/what-ifs/${foreign}`, { as: 'viewer' })).toMatchObject({ status: 404 });
    for (const each of [id, foreign]) await own.stack.onward.whatIfs.stop(each);
  });
});

it('is run by the command line, as a table, as JSON and as CSV', async () => {
  const say = (as: 'viewer' | 'operator', ...words: string[]) =>
    runCommand(words, { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers[as] });
  const table = await say('viewer', 'what-if', '--policy', file, '--user-id', ada);
  expect(table).toMatchObject({ exit: 0, err: '' });
  expect(table.out).toContain('done: 1 of 1 journeys compared');
  expect(table.out).toContain(`${ada}\tundecided\tlockedSooner`);
  const json = await say('viewer', 'what-if', '--policy', file, '--state', 'emailPending', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ results: { undecided: 1 }, items: [{ userId: ada }] });
  const csv = await say('viewer', 'what-if', '--policy', file, '--output', 'csv');
  expect(csv.out).toMatch(/^userId,result,.*\r\n/);
  expect(csv.out).toMatch(new RegExp(`^${ada},undecided,.*lockedSooner`, 'm'));
  const { out } = await say('viewer', 'what-if', '--policy', file, '--no-wait');
  expect((await say('viewer', 'what-if', 'list')).out).toContain(out.trim());
  expect((await say('viewer', 'what-if', 'show', out.trim())).out).toContain('journeys compared');
  expect(await say('viewer', 'what-if')).toMatchObject({ exit: 2, err: expect.stringContaining('--policy') });
  const none = await say('viewer', 'what-if', '--policy', join(folder, 'none.yml'));
  expect(none).toMatchObject({ exit: 2, err: expect.stringContaining('must be a policy file that can be read') });
  const adopt = ['operations', 'begin', 'adoptPolicy', '--policy', file, '--user-id', ada, '--expected', '1'];
  const dryRun = await say('operator', ...adopt, '--dry-run', 'fraud');
  const shown = () => say('viewer', 'operations', 'show', dryRun.out.trim());
  await waitUntil(async () => (await shown()).out.includes('the channel is locked'), 'the dry run is done');
});
