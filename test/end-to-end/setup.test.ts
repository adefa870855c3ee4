import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createClient } from '../../client/temporal/connect.ts';
import { Recovery } from '../../client/recovery/recovery.ts';
import { setup } from '../../client/temporal/setup.ts';
import { NEVER_BY_ITSELF } from '../support/outage.ts';
import { startStackOnOwnServer } from '../support/own-server.ts';
import { RECOVERY_SCHEDULE } from '../../workflows/recovery/contract.ts';
import { keys, operator, waitUntil } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStackOnOwnServer({ withoutWorker: true });
});
afterAll(() => stack?.close());

const recovery = { every: NEVER_BY_ITSELF, perSecond: 1, upToPerSecond: 2 };

it('reports that recovery has no Schedule before setup has created it', async () => {
  await expect(new Recovery(stack).status()).rejects.toMatchObject({ code: 'not_found' });
});

it('sets up a namespace, and changes nothing the second time', async () => {
  expect(await setup(stack.client, { recovery })).toMatchObject({ schedule: 'created' });
  expect(await setup(stack.client, { recovery })).toMatchObject({
    added: [],
    mistyped: [],
    retentionRaised: false,
    schedule: 'unchanged',
  });
  expect(await new Recovery(stack).status()).toMatchObject({ state: 'idle', settings: recovery });
});

it('lets the Schedule start another run after one that hung for too long', async () => {
  await setup(stack.client, { recovery, runTimeout: 1_000 });
  const schedule = stack.client.schedule.getHandle(RECOVERY_SCHEDULE);
  const runs = async () => (await schedule.describe()).info.recentActions.map(({ action }) => action.workflow);
  // No worker takes them.
  for (const count of [1, 2]) {
    await new Recovery(stack).trigger({ reason: 'a test' }, operator);
    const run = await waitUntil(async () => (await runs())[count - 1], `run ${count} has started`);
    const handle = stack.client.workflow.getHandle(run.workflowId, run.firstExecutionRunId);
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'TimeoutFailure' } });
  }
});

it('creates the Schedule again if no key decrypts it, and leaves it paused', async () => {
  await new Recovery(stack).pause({ reason: 'test' }, operator);
  const other = createClient(stack.client.connection, 'default', [{ id: 'other', key: Buffer.alloc(32, 'other') }]);
  await expect(new Recovery({ client: other }).status()).rejects.toThrow(
    'the input of the recovery Schedule cannot be read; run `onward setup`',
  );
  expect(await setup(other, { recovery })).toMatchObject({ schedule: 'updated' });
  expect(await new Recovery({ client: other }).status()).toMatchObject({ state: 'paused', settings: recovery });

  // With both keys at hand it is read, and written with the newest.
  const both = createClient(stack.client.connection, 'default', [
    ...keys,
    { id: 'other', key: Buffer.alloc(32, 'other') },
  ]);
  expect(await setup(both, { recovery })).toMatchObject({ schedule: 'unchanged' });
  expect(await new Recovery(stack).status()).toMatchObject({ state: 'paused', settings: recovery });
});
