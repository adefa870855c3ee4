import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createClient } from '../../client/connect.ts';
import { Recovery } from '../../client/recovery.ts';
import { setup } from '../../client/setup.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { SELDOM } from '../support/outage.ts';
import { startOwnServer } from '../support/own-server.ts';
import { keys, operator, startStack } from '../support/stack.ts';
import type { Stack } from '../support/stack.ts';

let server: TemporalServer;
let stack: Stack;
beforeAll(async () => {
  server = await startOwnServer();
  stack = await startStack({ address: server.address, withoutWorker: true });
});
afterAll(async () => {
  await stack.close();
  await server.stop();
});

const recovery = { every: SELDOM, perSecond: 1, upToPerSecond: 2 };

it('says that recovery has no Schedule before it has made one', async () => {
  await expect(new Recovery(stack).status()).rejects.toMatchObject({ code: 'not_found' });
});

it('makes a namespace ready, and finds nothing to do the second time', async () => {
  expect(await setup(stack.client, { recovery })).toMatchObject({ schedule: 'made' });
  expect(await setup(stack.client, { recovery })).toMatchObject({
    added: [],
    mistyped: [],
    retentionRaised: false,
    schedule: 'kept',
  });
  expect(await new Recovery(stack).status()).toMatchObject({ state: 'idle', settings: recovery });
});

it('makes the Schedule anew where no key reads it any more, and leaves it paused', async () => {
  await new Recovery(stack).pause({ reason: 'test' }, operator);
  const other = createClient(stack.client.connection, 'default', [{ id: 'other', key: Buffer.alloc(32, 'other') }]);
  await expect(new Recovery({ client: other }).status()).rejects.toThrow("no encryption key 'test'");
  expect(await setup(other, { recovery })).toMatchObject({ schedule: 'changed' });
  expect(await new Recovery({ client: other }).status()).toMatchObject({ state: 'paused', settings: recovery });

  // With both keys at hand it is read, and written with the newest.
  const both = createClient(stack.client.connection, 'default', [
    ...keys,
    { id: 'other', key: Buffer.alloc(32, 'other') },
  ]);
  expect(await setup(both, { recovery })).toMatchObject({ schedule: 'kept' });
  expect(await new Recovery(stack).status()).toMatchObject({ state: 'paused', settings: recovery });
});
