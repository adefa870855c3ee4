import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jwksOf, keyPairOf } from '../../../client/receipts/keys.ts';
import { verifyReceipt } from '../../../client/receipts/verify.ts';
import type { TemporalServer } from '../../../sandbox/temporal/index.ts';
import { bearers, openGateway, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { enterCode, guessWrong, operator, uniqueUserId, waitForPosition, waitUntil } from '../../support/stack.ts';
import { runCommand } from '../cli/run-cli.ts';

const key = keyPairOf('2026-11', Buffer.alloc(32, 7));
const keys = jwksOf([key]);

let server: TemporalServer;
let gateway: Gateway;
let folder: string;
beforeAll(async () => {
  server = await startOwnServer();
  gateway = await startGateway({ address: server.address }, { receiptKeys: [key] });
  folder = await mkdtemp(join(tmpdir(), 'onward-receipts-'));
});
afterAll(async () => {
  await gateway?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const path = (id: string) => `/v1/users/${id}/onboarding/receipt`;
const receiptOf = (id: string) => gateway.call('GET', path(id), { as: 'viewer' });

async function started(name: string, labels = ''): Promise<string> {
  const id = uniqueUserId(name, labels);
  await gateway.stack.onward.start(id, { accountType: 'individual' });
  await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
  return id;
}

async function verified(name: string): Promise<string> {
  const id = await started(name);
  await guessWrong(gateway.stack, id);
  await enterCode(gateway.stack, id, 'email');
  await waitForPosition(gateway.stack, id, 'smsPending.awaitingCode');
  await gateway.stack.onward.override(id, { channel: 'sms', reason: 'passport was shown' }, operator);
  await waitForPosition(gateway.stack, id, 'done');
  return id;
}

describe('the receipt of a journey', () => {
  it('is valid while the journey is open, and after it has ended without a worker', async () => {
    const ada = await started('ada');
    const { status, body } = await receiptOf(ada);
    expect(status).toBe(200);
    expect(body.statement).toMatchObject({ userId: ada, state: 'emailPending', verified: [] });
    expect(await verifyReceipt(body, keys)).toMatchObject({ isValid: true });
    await enterCode(gateway.stack, ada, 'email');
    await waitForPosition(gateway.stack, ada, 'smsPending.awaitingCode');
    await enterCode(gateway.stack, ada, 'sms');
    await waitForPosition(gateway.stack, ada, 'done');
    const ended = (await receiptOf(ada)).body;
    expect(ended.statement).toMatchObject({
      state: 'done',
      verified: [
        { channel: 'email', evidence: 'code' },
        { channel: 'sms', evidence: 'code' },
      ],
    });
    expect(await verifyReceipt(ended, keys)).toMatchObject({ isValid: true, problems: [] });
  });

  it('of a journey that supersedes another one is valid, and names the other user id', async () => {
    const kim = await started('kim');
    await gateway.stack.onward.supersede(kim, { newUserId: `${kim}-2`, reason: 'another number' }, operator);
    await waitForPosition(gateway.stack, `${kim}-2`, 'emailPending.awaitingCode');
    const { body } = await receiptOf(`${kim}-2`);
    expect(body.statement.start.restarted).toMatchObject({ supersedes: kim, carried: { revision: 0 } });
    expect(await verifyReceipt(body, keys)).toMatchObject({ isValid: true, problems: [] });
  });

  it('of a restarted journey is valid with the counters that it inherited', async () => {
    const bo = await started('bo');
    await gateway.stack.onward.cancel(bo, { reason: 'a mistake' }, operator);
    await waitForPosition(gateway.stack, bo, 'cancelled');
    await waitUntil(
      () => gateway.stack.onward.restart(bo, { reason: 'back' }, operator).catch(() => undefined),
      'the journey is restarted',
    );
    await waitForPosition(gateway.stack, bo, 'emailPending.awaitingCode');
    const { body } = await receiptOf(bo);
    expect(body.statement.start.restarted).toMatchObject({
      by: operator,
      reason: 'back',
      carried: { ledger: [{ channel: 'email', outcome: 'sent' }] },
    });
    expect(body.entries.map(({ entry }: { entry: { type: string } }) => entry.type)).toEqual([
      'restarted',
      'send.sent',
    ]);
    expect(await verifyReceipt(body, keys)).toMatchObject({ isValid: true });
  });

  it('is for viewers and operators, and for no unknown user', async () => {
    const cy = await started('cy');
    expect(await gateway.call('GET', path(cy), { as: 'operator' })).toMatchObject({ status: 200 });
    expect(await gateway.call('GET', path(cy), { as: 'app' })).toMatchObject({ status: 403 });
    expect(await gateway.call('GET', path(cy), { as: null })).toMatchObject({ status: 401 });
    expect(await receiptOf(uniqueUserId('unknown'))).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('is a page to read, which loads and runs nothing, for a browser', async () => {
    const di = await verified('di');
    const page = await gateway.call('GET', path(di), { as: 'viewer', headers: { accept: 'text/html' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'$/);
    expect(page.body).toContain('by an operator (night): passport was shown');
    expect(page.body).toContain('The e-mail code was incorrect or expired');
  });

  it('is refused, with the reason, for a journey that was ended from outside', async () => {
    const eve = await started('eve');
    await gateway.stack.client.workflow.getHandle(`onboarding:${eve}`).terminate();
    const { status, body } = await receiptOf(eve);
    expect([status, body.code]).toEqual([409, 'log_incomplete']);
  });

  it('does not exist at a gateway without keys', async () => {
    const other = await openGateway(gateway.stack);
    try {
      const answer = await other.call('GET', path('ada'), { as: 'viewer' });
      expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining('ONWARD_RECEIPT_KEYS') } });
      expect((await other.call('GET', '/.well-known/jwks.json', { as: null })).body).toEqual({ keys: [] });
    } finally {
      await other.close();
    }
  });
});

it('publishes the public keys to everyone, and nothing private', async () => {
  const { status, body, headers } = await gateway.call('GET', '/.well-known/jwks.json', { as: null });
  expect([status, body]).toEqual([200, keys]);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
  expect(body.keys[0]).toEqual({
    kty: 'OKP',
    crv: 'Ed25519',
    x: expect.any(String),
    kid: '2026-11',
    alg: 'EdDSA',
    use: 'sig',
  });
});

describe('`onward receipt`', () => {
  const say = (...words: string[]) =>
    runCommand(words, { ONWARD_URL: gateway.url, ONWARD_TOKEN: bearers.viewer, ONWARD_DATA: folder });

  it('prints a receipt that `verify` accepts without a server, and names a changed entry', async () => {
    const flo = await verified('flo');
    const [file, jwks] = [join(folder, 'flo.json'), join(folder, 'jwks.json')];
    const printed = await say('receipt', flo);
    expect(printed).toMatchObject({ exit: 0, err: '' });
    await writeFile(file, printed.out);
    await writeFile(jwks, JSON.stringify(keys));
    // No gateway is configured here.
    const offline = (...words: string[]) => runCommand(words, { ONWARD_DATA: folder });
    const report = await offline('receipt', 'verify', file, '--keys', jwks);
    expect(report).toMatchObject({ exit: 0, err: '', out: expect.stringMatching(new RegExp(`^valid: ${flo}, done`)) });
    expect(report.out).toMatch(/^Phone: verified at \S+ by operator night \(passport was shown\), entry \d+$/m);
    await writeFile(file, printed.out.replaceAll('passport was shown', 'passport was seen'));
    const forged = await offline('receipt', 'verify', file, '--keys', jwks);
    expect(forged).toMatchObject({ exit: 1, out: expect.stringMatching(/^not valid: entry \d+ was changed/) });
    const asJson = await offline('receipt', 'verify', file, '--keys', jwks, '--json');
    expect(JSON.parse(asJson.out)).toMatchObject({
      valid: false,
      problems: [{ check: 'chain' }, { check: 'signature' }],
    });
    const keyless = await offline('receipt', 'verify', file);
    expect(keyless).toMatchObject({ exit: 1, out: expect.stringContaining('none was given') });
  });

  it('rejects a file in which a member is named twice, since another reader may take the first', async () => {
    const file = join(folder, 'twice.json');
    const { out } = await say('receipt', await verified('hal'));
    await writeFile(file, out.replace('"userId":', '"userId": "eve", "userId":'));
    const rejected = { exit: 1, out: expect.stringMatching(/^not valid: .*names a member twice/) };
    expect(await say('receipt', 'verify', file)).toMatchObject(rejected);
  });

  it('verifies with the keys of `npm start`, prints a page, and rejects a missing file and one that was cut off', async () => {
    const gus = await verified('gus');
    const file = join(folder, 'gus.json');
    await writeFile(file, (await say('receipt', gus)).out);
    const made = { ports: {}, receiptKey: `2026-11:${Buffer.alloc(32, 7).toString('base64')}` };
    await writeFile(join(folder, 'made.json'), JSON.stringify(made));
    expect(await say('receipt', 'verify', file)).toMatchObject({ exit: 0 });
    expect((await say('receipt', gus, '--html')).out).toMatch(/^<!doctype html>/);
    expect(await say('receipt', 'verify', join(folder, 'nothing.json'))).toMatchObject({ exit: 2 });
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, -100));
    const cutOff = await say('receipt', 'verify', file);
    expect(cutOff).toMatchObject({ exit: 1, out: expect.stringMatching(/^not valid: .* its end is missing/) });
  });
});
