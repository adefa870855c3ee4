import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkNames } from '../../client/doctor/index.ts';
import { setup } from '../../client/setup.ts';
import { CHECKUP_TYPE } from '../../workflows/contract.ts';
import { nobody } from '../activities/servers.ts';
import { amiss, bareNamespace, clientOf, closeClients, examined } from '../support/examined.ts';
import { eventually, keys, startStack } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

afterEach(closeClients);
const notJourneys = (name: string) => name !== 'journeys';

describe('an examination', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
    const allPoll = async () => amiss(await examined(clientOf(), taskQueue())).length === 0;
    await eventually(allPoll, 'its workers poll');
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
      expect([found.encryptionKeys.ok, found.provider.ok]).toEqual([false, 'skipped']);
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
    expect(new Set(amiss(found).slice(1))).toEqual(
      new Set(
        checkNames
          .slice(1)
          .filter(notJourneys)
          .map((name) => `${name} skipped`),
      ),
    );
  });

  it('finds that the namespace is not there', async () => {
    const found = await examined(clientOf({ namespace: 'nowhere' }));
    expect(found.namespace).toMatchObject({ ok: false, mend: expect.stringContaining('TEMPORAL_NAMESPACE') });
    expect(amiss(found)).toHaveLength(checkNames.filter(notJourneys).length - 1);
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
