import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KEY_ID } from '../../../client/temporal/encryption-codec.ts';
import { Problem } from '../../../client/http-client/index.ts';
import { Fleet } from '../fleet/fleet.ts';
import { startSfox } from '../../../sandbox/sfox/index.ts';
import type { Sfox } from '../../../sandbox/sfox/index.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { journeyId } from '../../../workflows/contract.ts';
import { clientOf, closeClients, runDoctor } from '../../support/doctor.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { waitUntil } from '../../support/stack.ts';

const [older, newer] = ['older', 'newer'].map((id) => ({ id, key: randomBytes(32) })) as [Key, Key];
interface Key {
  readonly id: string;
  readonly key: Buffer;
}
const keysEnvironment = (...keys: Key[]) => ({
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
  fleet = await Fleet.start({
    folder,
    address,
    sfox,
    policy: '',
    workers: 1,
    gateways: 1,
    env: keysEnvironment(older),
  });
});
afterAll(async () => {
  await fleet.close();
  await closeClients();
  await Promise.all([sfox.close(), server.stop()]);
  await rm(folder, { recursive: true, force: true });
});

/** Starts a replacement for every process with these keys, then stops the old processes. */
async function replaceProcesses(...keys: Key[]): Promise<void> {
  const before = [...fleet.processes];
  for (const { kind } of before) await fleet.add(kind, keysEnvironment(...keys));
  await Promise.all(before.map((process) => fleet.stopProcess(process)));
}

async function signUp(userId: string): Promise<void> {
  await fleet.signUp(userId);
  await mailOf(userId, 'email');
}

const mailOf = (userId: string, channel: 'email' | 'sms') =>
  waitUntil(() => sfox.outbox(userId).find((mail) => mail.channel === channel), `${userId} has a code by ${channel}`);

async function submitCode(userId: string, channel: 'email' | 'sms'): Promise<void> {
  const { code } = await mailOf(userId, channel);
  expect(await fleet.client('app').submitCode(userId, { channel, code })).toMatchObject({ outcome: 'verified' });
}

/** The ids of the encryption keys in a journey's history on the server. */
async function keysIn(userId: string): Promise<string[]> {
  const connection = await Connection.connect({ address: server.address });
  const { events } = await new Client({ connection }).workflow.getHandle(journeyId(userId)).fetchHistory();
  await connection.close();
  const found = JSON.stringify(events).matchAll(new RegExp(`"${KEY_ID}":"?([^"}]*)`, 'g'));
  return [...new Set([...found].map(([, id = '']) => Buffer.from(id, 'base64').toString()))].toSorted();
}

/** Temporal retries a failed workflow task with a backoff, and updates are unavailable until then. */
function ignoreUnavailable(error: unknown): undefined {
  if (error instanceof Problem && error.code === 'unavailable') return;
  throw error;
}

it('continues journeys of the older key while the newer one encrypts, and names the older key if it is missing', async () => {
  await signUp('ada');
  await signUp('bo');
  expect(await keysIn('ada')).toEqual(['older']);

  // All processes must be able to decrypt with the newer key before one encrypts with it.
  await replaceProcesses(older, newer);
  await replaceProcesses(newer, older);
  await submitCode('ada', 'email');
  await submitCode('ada', 'sms');
  expect(await fleet.client('app').status('ada')).toMatchObject({ state: 'done' });
  expect(await keysIn('ada')).toEqual(['newer', 'older']);
  await signUp('cy');
  expect(await keysIn('cy')).toEqual(['newer']);

  await replaceProcesses(newer);
  await submitCode('cy', 'email');
  const { code } = await mailOf('bo', 'email');
  const submit = () => fleet.client('app').submitCode('bo', { channel: 'email', code }, { idempotencyKey: 'bo-1' });
  expect(await submit()).toEqual({ outcome: 'pending' });
  await waitUntil(
    () => fleet.outputs().some((log) => log.includes("no encryption key 'older'")),
    'the log names the missing key',
  );
  const found = await runDoctor(clientOf({ address: server.address, keys: [older, newer] }));
  expect(found.encryptionKeys).toMatchObject({ ok: false, found: expect.stringContaining('older') });

  // Once the key is configured again, the pending command completes.
  await replaceProcesses(newer, older);
  const outcome = async () => {
    const answer = await submit().catch(ignoreUnavailable);
    return answer?.outcome === 'pending' ? undefined : answer?.outcome;
  };
  expect(await waitUntil(outcome, 'the code is checked')).toBe('verified');
});
