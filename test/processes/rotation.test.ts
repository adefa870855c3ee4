import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KEY_ID } from '../../client/encryption.ts';
import { Problem } from '../../client/http/index.ts';
import { Fleet } from '../../sandbox/fleet/fleet.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Sfox } from '../../sandbox/sfox/index.ts';
import type { TemporalServer } from '../../sandbox/temporal/index.ts';
import { journeyId } from '../../workflows/contract.ts';
import { clientOf, closeClients, examined } from '../support/examined.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually } from '../support/stack.ts';

const [older, newer] = ['older', 'newer'].map((id) => ({ id, key: randomBytes(32) })) as [Key, Key];
interface Key {
  readonly id: string;
  readonly key: Buffer;
}
const given = (...keys: Key[]) => ({
  ONWARD_ENCRYPTION_KEYS: keys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(' '),
});

let folder: string;
let server: TemporalServer;
let sfox: Sfox;
let fleet: Fleet<Sfox>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-rotation-'));
  [server, sfox] = await Promise.all([startOwnServer(), startSfox()]);
  const { address } = server;
  fleet = await Fleet.start({ folder, address, sfox, policy: '', workers: 1, gateways: 1, env: given(older) });
});
afterAll(async () => {
  await fleet.close();
  await closeClients();
  await Promise.all([sfox.close(), server.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** Starts every process anew with these keys, and ends those that had others only then. */
async function roll(...keys: Key[]): Promise<void> {
  const before = [...fleet.processes];
  for (const { kind } of before) await fleet.add(kind, given(...keys));
  await Promise.all(before.map((one) => fleet.retire(one)));
}

async function begin(userId: string): Promise<void> {
  await fleet.signUp(userId);
  await mailOf(userId, 'email');
}

const mailOf = (userId: string, channel: 'email' | 'sms') =>
  eventually(() => sfox.outbox(userId).find((mail) => mail.channel === channel), `${userId} has a code by ${channel}`);

async function enter(userId: string, channel: 'email' | 'sms'): Promise<void> {
  const { code } = await mailOf(userId, channel);
  expect(await fleet.as('app').submitCode(userId, { channel, code })).toMatchObject({ outcome: 'verified' });
}

/** Which keys a journey's payloads name, as the server keeps them. */
async function keysIn(userId: string): Promise<string[]> {
  const connection = await Connection.connect({ address: server.address });
  const { events } = await new Client({ connection }).workflow.getHandle(journeyId(userId)).fetchHistory();
  await connection.close();
  const found = JSON.stringify(events).matchAll(new RegExp(`"${KEY_ID}":"?([^"}]*)`, 'g'));
  return [...new Set([...found].map(([, id = '']) => Buffer.from(id, 'base64').toString()))].toSorted();
}

/** Temporal tries a task that has failed again after a while, and lets nothing in before. */
function untilItGoesOn(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'unavailable') return;
  throw error;
}

it('lets journeys of the older key go on while the newer one writes, and names the older one where it is missed', async () => {
  await begin('ada');
  await begin('bo');
  expect(await keysIn('ada')).toEqual(['older']);

  // Readers first: a process that knows the newer key alone as its newest would write what the others cannot read.
  await roll(older, newer);
  await roll(newer, older);
  await enter('ada', 'email');
  await enter('ada', 'sms');
  expect(await fleet.as('app').status('ada')).toMatchObject({ state: 'done' });
  expect(await keysIn('ada')).toEqual(['newer', 'older']);
  await begin('cy');
  expect(await keysIn('cy')).toEqual(['newer']);

  await roll(newer);
  await enter('cy', 'email');
  const { code } = await mailOf('bo', 'email');
  const submit = () => fleet.as('app').submitCode('bo', { channel: 'email', code }, { idempotencyKey: 'bo-1' });
  expect(await submit()).toEqual({ outcome: 'pending' });
  await eventually(() => fleet.outputs().some((log) => log.includes("no encryption key 'older'")), 'the key is named');
  const found = await examined(clientOf({ address: server.address, keys: [older, newer] }));
  expect(found.encryptionKeys).toMatchObject({ ok: false, found: expect.stringContaining('older') });

  // With the key back, what was asked for meanwhile is done.
  await roll(newer, older);
  const outcome = async () => {
    const answer = await submit().catch(untilItGoesOn);
    return answer?.outcome === 'pending' ? undefined : answer?.outcome;
  };
  expect(await eventually(outcome, 'the code is judged')).toBe('verified');
});
