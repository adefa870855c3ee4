import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkNames } from '../../../client/doctor/index.ts';
import { setup } from '../../../client/temporal/setup.ts';
import { WORKER_PROBE_TYPE } from '../../../workflows/contract.ts';
import { findClosedAddress } from '../../activities/servers.ts';
import { amiss, bareNamespace, clientOf, closeClients, runDoctor } from '../../support/doctor.ts';
import { waitUntil, keys, startStack } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';

afterEach(closeClients);
const notJourneys = (name: string) => !['journeys', 'recovery', 'reconciliation', 'webhooks'].includes(name);

describe('doctor', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
    const allPoll = async () => amiss(await runDoctor(clientOf(), taskQueue())).length === 0;
    await waitUntil(allPoll, 'its workers poll');
  });
  afterAll(() => stack.close());
  const taskQueue = () => ({ taskQueue: stack.taskQueue });

  it('passes every check on a working system', async () => {
    const found = await runDoctor(clientOf(), taskQueue());
    expect(amiss(found)).toEqual([]);
    expect(found.temporal.found).toMatch(/server \d+\.\d+/);
    expect(found.sendPollers.found).toMatch(/^1 worker polls '.+-sends', the last time \d+ s ago$/);
  });

  it('reports a provider that is unreachable and one that refuses the key', async () => {
    const key = stack.sfox.apiKey;
    stack.sfox.outage(true);
    const away = await runDoctor(clientOf(), taskQueue());
    stack.sfox.outage(false);
    stack.sfox.newKey('another');
    const refused = await runDoctor(clientOf(), taskQueue());
    stack.sfox.newKey(key);
    expect([amiss(away), amiss(refused)]).toEqual([['provider'], ['provider']]);
    expect(away.provider).toMatchObject({
      found: expect.stringContaining('503'),
      fix: expect.stringContaining('SFOX_BASE_URL'),
    });
    expect(refused.provider).toMatchObject({
      found: expect.stringContaining('401'),
      fix: expect.stringContaining('ENTERPRISE_API_KEY'),
    });
  });

  it('counts a refusal of the unknown user as a reached provider', async () => {
    stack.sfox.script('onward-checkup', 'read', [{ status: 404, body: { error: 'User not found' } }]);
    const { provider } = await runDoctor(clientOf(), taskQueue());
    expect(provider).toMatchObject({ ok: true, found: expect.stringContaining('404 User not found') });
  });

  const [own] = keys;
  const other = { id: 'other', key: Buffer.alloc(32, 'other') };
  it.each([
    ['a key that the worker does not have', [other, own], /^the worker cannot read .*no encryption key 'other'/],
    ['no key of the worker', [other], /^the worker cannot read .*cannot be decrypted here either/],
    ['another key under the same id', [{ ...own, key: other.key }], /^the worker cannot read/],
  ] as const)('finds that this process writes with %s', async (_, given, words) => {
    const found = await runDoctor(clientOf({ keys: given }), taskQueue());
    expect(amiss(found)).toEqual(['encryptionKeys', 'provider skipped', 'providerReplies skipped']);
    expect(found.encryptionKeys.found).toMatch(words);
    expect(found.encryptionKeys.fix).toContain('ONWARD_ENCRYPTION_KEYS');
  });

  it('reports that this process lacks a newer key of the worker', async () => {
    const rotated = await startStack({ worker: { encryptionKeys: [other, own] } });
    try {
      const found = await runDoctor(clientOf(), { taskQueue: rotated.taskQueue });
      expect([found.encryptionKeys.ok, found.provider.ok]).toEqual([false, 'skipped']);
      expect(found.encryptionKeys.found).toMatch(/^this process cannot read .*no encryption key 'other'/);
    } finally {
      await rotated.close();
    }
  });

  it('reports that no worker runs', async () => {
    const queue = `nobodys-${randomUUID()}`;
    const found = await runDoctor(clientOf(), { taskQueue: queue, wait: 300 });
    const pollers = ['journeyPollers', 'sendPollers', 'checkPollers'];
    expect(amiss(found)).toEqual([
      ...pollers,
      'worker',
      'encryptionKeys skipped',
      'provider skipped',
      'providerReplies skipped',
    ]);
    expect(found.worker).toMatchObject({ found: 'no worker started the probe within 0.3 s' });
    expect(found.journeyPollers.fix).toContain('npm run worker');
    const open = `WorkflowType = '${WORKER_PROBE_TYPE}' AND TaskQueue = '${queue}' AND ExecutionStatus = 'Running'`;
    const isOver = async () => (await stack.client.workflow.count(open)).count === 0;
    await waitUntil(isOver, 'the checkup is not left open');
  });

  it('reports that Temporal does not answer and skips all other checks', async () => {
    const address = await findClosedAddress();
    const found = await runDoctor(clientOf({ address }));
    expect(found.temporal).toMatchObject({ ok: false, found: `no response from ${address}` });
    expect(new Set(amiss(found).slice(1))).toEqual(
      new Set(
        checkNames
          .slice(1)
          .filter(notJourneys)
          .map((name) => `${name} skipped`),
      ),
    );
  });

  it('reports that the namespace does not exist', async () => {
    const found = await runDoctor(clientOf({ namespace: 'nowhere' }));
    expect(found.namespace).toMatchObject({ ok: false, fix: expect.stringContaining('TEMPORAL_NAMESPACE') });
    expect(amiss(found)).toHaveLength(checkNames.filter(notJourneys).length - 1);
  });

  it('reports what a namespace lacks until setup has run', async () => {
    const namespace = await bareNamespace(3);
    const client = clientOf({ namespace });
    const before = await runDoctor(client, { wait: 0 });
    expect(before.searchAttributes).toMatchObject({ ok: false, found: expect.stringContaining('OnboardingSince') });
    expect(before.searchAttributes.fix).toMatch(/^run: onward setup, which adds them/);
    expect(before.journeys).toMatchObject([
      { code: 'journeys', ok: false, fix: expect.stringMatching(/^run: onward setup, which adds/) },
    ]);
    expect(before.searchAttributes.fix).toContain(`-n ${namespace} --name OnboardingSince --type Datetime`);
    expect(before.retention).toMatchObject({
      ok: false,
      found: 'closed journeys are retained for 3 days, less than 30',
    });

    expect(await setup(client)).toMatchObject({
      namespace,
      existing: [],
      added: expect.arrayContaining(['OnboardingState', 'OnboardingSince']),
      retentionDays: 30,
      retentionRaised: true,
    });
    expect(await setup(client)).toMatchObject({ added: [], retentionDays: 30, retentionRaised: false });
    const after = await runDoctor(client, { wait: 0 });
    expect([after.searchAttributes.ok, after.retention.ok]).toEqual([true, true]);
  });

  it('reports a search attribute of another type, which setup leaves unchanged', async () => {
    const client = clientOf({ namespace: await bareNamespace(31, 'OnboardingStep') });
    expect(await setup(client)).toMatchObject({
      mistyped: ['OnboardingStep'],
      retentionDays: 31,
      retentionRaised: false,
    });
    const { searchAttributes } = await runDoctor(client, { wait: 0 });
    expect(searchAttributes).toMatchObject({ ok: false, found: 'wrong type: OnboardingStep must be Keyword' });
  });
});
