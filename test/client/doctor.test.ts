import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connectLater } from '../../client/connect.ts';
import { checkNames, examine } from '../../client/doctor/index.ts';
import type { Check, CheckName, ExamineOptions } from '../../client/doctor/index.ts';
import { clockCheck } from '../../client/doctor/report.ts';
import type { EncryptionKey } from '../../client/encryption.ts';
import { setup } from '../../client/setup.ts';
import { CHECKUP_TYPE } from '../../workflows/contract.ts';
import { nobody } from '../activities/servers.ts';
import { guard } from '../support/guarded.ts';
import type { GuardedServer } from '../support/guarded.ts';
import { eventually, keys, startStack } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

const ours = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const opened: Client[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ connection }) => connection.close()));
});

interface Way {
  readonly address?: string;
  readonly namespace?: string;
  readonly keys?: readonly [EncryptionKey, ...EncryptionKey[]];
}

function clientOf({ address = ours, namespace = 'default', keys: given = keys }: Way = {}): Client {
  const client = connectLater({ namespace, connectionOptions: { address } }, given);
  opened.push(client);
  return client;
}

type Examined = { readonly [N in CheckName]: Check };

/** Everything that was found, by name; each check comes once, and in its order. */
async function examined(client: Client, options: ExamineOptions = {}): Promise<Examined> {
  const checks: Check[] = [];
  for await (const check of examine(client, options)) checks.push(check);
  expect(checks.map(({ name }) => name)).toEqual(checkNames);
  for (const { ok, mend } of checks) expect(mend === null).toBe(ok !== false);
  return Object.fromEntries(checks.map((check) => [check.name, check])) as Examined;
}

/** The names of the checks that are not good. */
const amiss = (found: Examined) =>
  Object.values(found)
    .filter(({ ok }) => ok !== true)
    .map(({ name, ok }) => (ok === 'skipped' ? `${name} skipped` : name));

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** A namespace of its own, with an attribute that is not as journeys need it. */
async function bareNamespace(days: number, attribute?: string): Promise<string> {
  const namespace = `bare-${randomUUID()}`;
  const client = clientOf({ namespace });
  const workflowExecutionRetentionPeriod = proto.google.protobuf.Duration.fromObject({ seconds: days * 86_400 });
  await client.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  const isKnown = () =>
    client.workflow
      .count('')
      .then(() => true)
      .catch(() => false);
  await eventually(isKnown, 'the namespace is known');
  if (attribute !== undefined) {
    const { operatorService } = client.connection as unknown as Operating;
    const searchAttributes = { [attribute]: IndexedValueType.INDEXED_VALUE_TYPE_INT };
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  }
  return namespace;
}
interface Operating {
  readonly operatorService: {
    addSearchAttributes(request: { namespace: string; searchAttributes: Record<string, number> }): Promise<unknown>;
  };
}

describe('an examination', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());
  const taskQueue = () => ({ taskQueue: stack.taskQueue });

  it('finds everything good where it is', async () => {
    const found = await examined(clientOf(), taskQueue());
    expect(amiss(found)).toEqual([]);
    expect(found.temporal.found).toMatch(/server \d+\.\d+/);
    expect(found.sendPollers.found).toMatch(/^1 worker polls '.+-sends', the last time \d+ s ago$/);
  });

  it('finds a provider that is away, and one that refuses the key', async () => {
    const key = stack.sfox.apiKey;
    stack.sfox.outage(true);
    const away = await examined(clientOf(), taskQueue());
    stack.sfox.outage(false);
    stack.sfox.newKey('another');
    const refused = await examined(clientOf(), taskQueue());
    stack.sfox.newKey(key);
    expect([amiss(away), amiss(refused)]).toEqual([['provider'], ['provider']]);
    expect(away.provider).toMatchObject({
      found: expect.stringContaining('503'),
      mend: expect.stringContaining('SFOX_BASE_URL'),
    });
    expect(refused.provider).toMatchObject({
      found: expect.stringContaining('401'),
      mend: expect.stringContaining('ENTERPRISE_API_KEY'),
    });
  });

  it('takes a refusal of the made-up user for a provider that was reached', async () => {
    stack.sfox.script('onward-checkup', 'read', [{ status: 404, body: { error: 'User not found' } }]);
    const { provider } = await examined(clientOf(), taskQueue());
    expect(provider).toMatchObject({ ok: true, found: expect.stringContaining('404 User not found') });
  });

  const [own] = keys;
  const other = { id: 'other', key: Buffer.alloc(32, 'other') };
  it.each([
    ['a key that the worker does not have', [other, own], /^the worker cannot read .*no encryption key 'other'/],
    ['no key of the worker', [other], /^the worker cannot read .*cannot be read here either/],
    ['another key under the same id', [{ ...own, key: other.key }], /^the worker cannot read/],
  ] as const)('finds that this process writes with %s', async (_, given, words) => {
    const found = await examined(clientOf({ keys: given }), taskQueue());
    expect(amiss(found)).toEqual(['encryptionKeys', 'provider skipped']);
    expect(found.encryptionKeys.found).toMatch(words);
    expect(found.encryptionKeys.mend).toContain('ONWARD_ENCRYPTION_KEYS');
  });

  it('finds that this process cannot read a newer key of the worker', async () => {
    const rotated = await startStack({ worker: { encryptionKeys: [other, own] } });
    try {
      const found = await examined(clientOf(), { taskQueue: rotated.taskQueue });
      expect(amiss(found)).toEqual(['encryptionKeys', 'provider skipped']);
      expect(found.encryptionKeys.found).toMatch(/^this process cannot read .*no encryption key 'other'/);
    } finally {
      await rotated.close();
    }
  });

  it('finds that no worker is there', async () => {
    const queue = `nobodys-${randomUUID()}`;
    const found = await examined(clientOf(), { taskQueue: queue, wait: 300 });
    const pollers = ['journeyPollers', 'sendPollers', 'checkPollers'];
    expect(amiss(found)).toEqual([...pollers, 'worker', 'encryptionKeys skipped', 'provider skipped']);
    expect(found.worker).toMatchObject({ found: 'no worker took the checkup within 0.3 s' });
    expect(found.journeyPollers.mend).toContain('npm run worker');
    const open = `WorkflowType = '${CHECKUP_TYPE}' AND TaskQueue = '${queue}' AND ExecutionStatus = 'Running'`;
    const isOver = async () => (await stack.client.workflow.count(open)).count === 0;
    await eventually(isOver, 'the checkup is not left open');
  });

  it('finds that Temporal does not answer, and looks at nothing else', async () => {
    const address = await nobody();
    const found = await examined(clientOf({ address }));
    expect(found.temporal).toMatchObject({ ok: false, found: `no answer from ${address}` });
    expect(new Set(amiss(found).slice(1))).toEqual(new Set(checkNames.slice(1).map((name) => `${name} skipped`)));
  });

  it('finds that the namespace is not there', async () => {
    const found = await examined(clientOf({ namespace: 'nowhere' }));
    expect(found.namespace).toMatchObject({ ok: false, mend: expect.stringContaining('TEMPORAL_NAMESPACE') });
    expect(amiss(found)).toHaveLength(checkNames.length - 1);
  });

  it('finds what a namespace lacks, until setup has been there', async () => {
    const namespace = await bareNamespace(3);
    const client = clientOf({ namespace });
    const before = await examined(client, { wait: 0 });
    expect(before.searchAttributes).toMatchObject({ ok: false, found: expect.stringContaining('OnboardingSince') });
    expect(before.searchAttributes.mend).toContain(`-n ${namespace} --name OnboardingSince --type Datetime`);
    expect(before.retention).toMatchObject({ ok: false, found: 'ended journeys are kept for 3 days, less than 30' });

    expect(await setup(client)).toMatchObject({
      namespace,
      kept: [],
      added: expect.arrayContaining(['OnboardingState', 'OnboardingSince']),
      retentionDays: 30,
      retentionRaised: true,
    });
    expect(await setup(client)).toMatchObject({ added: [], retentionDays: 30, retentionRaised: false });
    const after = await examined(client, { wait: 0 });
    expect([after.searchAttributes.ok, after.retention.ok]).toEqual([true, true]);
  });

  it('finds an attribute of another type, which setup leaves as it is', async () => {
    const client = clientOf({ namespace: await bareNamespace(31, 'OnboardingStep') });
    expect(await setup(client)).toMatchObject({
      mistyped: ['OnboardingStep'],
      retentionDays: 31,
      retentionRaised: false,
    });
    const { searchAttributes } = await examined(client, { wait: 0 });
    expect(searchAttributes).toMatchObject({ ok: false, found: 'of another type: OnboardingStep must be Keyword' });
  });
});

describe('a caller who may not do everything', () => {
  let guarded: GuardedServer;
  beforeAll(async () => {
    guarded = await guard(ours, [
      'ListSearchAttributes',
      'AddSearchAttributes',
      'UpdateNamespace',
      'StartWorkflowExecution',
    ]);
  });
  afterAll(() => guarded.close());
  const strange = (namespace: string) => clientOf({ address: guarded.address, namespace });

  it('need not, where nothing has to change', async () => {
    expect(await setup(strange('default'))).toMatchObject({ added: [], mistyped: [], retentionRaised: false });
  });

  it('is told by setup what is to be run by somebody who may', async () => {
    const namespace = await bareNamespace(30);
    await expect(setup(strange(namespace))).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(
        new RegExp(`not permitted to this caller.*temporal operator search-attribute create -n ${namespace}`),
      ),
    });
    const short = await bareNamespace(3);
    await setup(clientOf({ namespace: short }));
    const seconds = proto.google.protobuf.Duration.fromObject({ seconds: 3 * 86_400 });
    const config = { workflowExecutionRetentionTtl: seconds };
    await clientOf().workflowService.updateNamespace({ namespace: short, config });
    const command = `temporal operator namespace update -n ${short} --retention 30d`;
    await expect(setup(strange(short))).rejects.toThrow(command);
  });

  it('is told by the examination what may not be looked at', async () => {
    const found = await examined(strange('default'), { taskQueue: `nobodys-${randomUUID()}` });
    expect(found.searchAttributes).toMatchObject({ ok: true, found: 'all 5 are there' });
    expect(found.worker).toMatchObject({ ok: false, found: 'Temporal says: Request unauthorized.' });
    const missing = await examined(strange(await bareNamespace(30)), { wait: 0 });
    expect(missing.searchAttributes).toMatchObject({
      ok: false,
      found: expect.stringContaining('missing: Onboarding'),
    });
  });
});

describe('the clocks', () => {
  const now = Date.UTC(2026, 0, 1);
  const minute = 60_000;
  const provider = { type: 'recordRead', record: { email: null, sms: null } } as const;
  const judged = (here: number, worker: number) =>
    clockCheck(
      { before: now + here, server: now, after: now + here + 20 },
      { type: 'reported', report: { clock: { before: now, worker: now + worker, after: now + 20 }, provider } },
    );

  it('may be a minute apart', () => {
    const found = "this machine's clock agrees with the server's, the worker's clock agrees with the server's";
    expect(judged(-10, 10)).toEqual({ name: 'clock', ok: true, found, mend: null });
    expect(judged(minute, 0).ok).toBe(true);
    expect(judged(0, -minute)).toMatchObject({
      ok: true,
      found: expect.stringContaining("is 60 s behind the server's"),
    });
  });

  it.each([
    [minute + 1_000, 0, "this machine's clock is 61 s ahead of the server's"],
    [-minute - 1_020, 0, "this machine's clock is 61 s behind the server's"],
    [0, 300_020, "the worker's clock is 300 s ahead of the server's"],
    [0, -300_000, "the worker's clock is 300 s behind the server's"],
  ])('are wrong when this machine is off by %i ms and the worker by %i ms', (here, worker, words) => {
    expect(judged(here, worker)).toMatchObject({
      ok: false,
      found: expect.stringContaining(words),
      mend: expect.stringContaining('NTP'),
    });
  });

  it('are compared with the server where no worker answers', () => {
    const ahead = { before: now + 90_000, server: now, after: now + 90_010 };
    expect(clockCheck(ahead, { type: 'unanswered', taken: false })).toMatchObject({
      ok: false,
      found: "this machine's clock is 90 s ahead of the server's",
    });
  });
});
