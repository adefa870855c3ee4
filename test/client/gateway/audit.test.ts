import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { fileAuditLog, openAuditLog } from '../../../client/gateway/audit/audit-log.ts';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { waitUntil, waitForPosition, uniqueUserId } from '../../support/stack.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'onward-audit-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Line = Record<string, unknown>;
const reason = 'seen by the night shift';

/** Sends a request and hangs up as soon as the gateway has it. */
function hangUp(gateway: Gateway, method: string, path: string, body: object): Promise<void> {
  return new Promise((resolve) => {
    const text = JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${bearers.operator}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const sent = request(`${gateway.url}${path}`, { method, headers });
    sent.on('error', () => resolve()).on('close', () => resolve());
    sent.end(text, () => setTimeout(() => sent.destroy(), 5));
  });
}

describe('the audit log', () => {
  const warned: string[] = [];
  let path: string;
  let gateway: Gateway;
  beforeAll(async () => {
    path = join(folder, 'audit.log');
    const logger = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
    gateway = await startGateway({}, { auditLog: fileAuditLog('test', path), logger });
  });
  afterAll(() => gateway?.close());

  const linesOf = async (subject: string): Promise<Line[]> =>
    (await readFile(path, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line)
      .filter((line) => line['subject'] === subject);
  const begun = async (name: string) => {
    const id = uniqueUserId(name);
    await gateway.stack.onward.start(id, { accountType: 'individual' });
    await waitForPosition(gateway.stack, id, 'emailPending.awaitingCode');
    return id;
  };

  it('names the operator who has payloads decoded or encoded', async () => {
    const body = { payloads: [] };
    for (const path of ['/codec/decode', '/codec/encode']) await gateway.call('POST', path, { as: 'operator', body });
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    const acts = lines.map((line) => JSON.parse(line) as Line).map((line) => line['audit']);
    expect(acts).toEqual(expect.arrayContaining(['decodePayloads', 'encodePayloads']));
  });

  it('has the intent before an act and the outcome after it', async () => {
    const ada = await begun('ada');
    const answer = await gateway.call('POST', `/v1/users/${ada}/onboarding/pause`, {
      as: 'operator',
      body: { reason },
    });
    expect(answer.status).toBe(202);
    const line = { audit: 'pause', by: { role: 'operator', name: 'operator-name' }, subject: ada, reason };
    const [intent, outcome] = await linesOf(ada);
    expect(intent).toMatchObject({ ...line, phase: 'intent' });
    expect(intent).not.toHaveProperty('status');
    expect(outcome).toMatchObject({ ...line, phase: 'outcome', status: 202, requestId: intent?.['requestId'] });
  });

  it('has the outcome of an act that the journey refuses', async () => {
    const bo = await begun('bo');
    await gateway.call('POST', `/v1/users/${bo}/onboarding/resume`, { as: 'operator', body: { reason } });
    expect(await linesOf(bo)).toMatchObject([{ phase: 'intent' }, { phase: 'outcome', status: 409 }]);
  });

  it('has what an operator did who hangs up after 5 ms, and the metrics have it, too', async () => {
    const cy = await begun('cy');
    await hangUp(gateway, 'POST', `/v1/users/${cy}/onboarding/override`, { channel: 'email', reason });
    const outcome = await waitUntil(async () => (await linesOf(cy)).at(1), 'the outcome is written');
    expect(outcome).toMatchObject({ audit: 'override', phase: 'outcome', status: 202 });
    const { body } = await gateway.call('GET', '/metrics', { as: 'viewer' });
    expect(body).toMatch(/onward_commands_total\{act="override",role="operator",status="202"\} 1/);
    await hangUp(gateway, 'DELETE', `/v1/users/${cy}`, { reason });
    await waitUntil(
      async () => (await readFile(path, 'utf8')).includes('"audit":"erase","by"'),
      'the intent is written',
    );
    await waitUntil(
      async () => /"audit":"erase".*"phase":"outcome".*"status":200/.test(await readFile(path, 'utf8')),
      'the outcome is written',
    );
  });

  it('contains nothing of a request that was refused before it was checked', async () => {
    const secret = 'x'.repeat(2_000);
    await gateway.call('POST', '/v1/users/ada%40example.test/onboarding/pause', {
      as: 'operator',
      body: { reason: secret },
    });
    await gateway.call('POST', `/v1/users/ada%40example.test/onboarding/pause?token=${secret}`, {
      as: 'app',
      body: { reason },
    });
    await waitUntil(async () => /"status":403/.test(await readFile(path, 'utf8')), 'the refusal is written');
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain(secret);
    expect(text).not.toContain('example.test');
  });

  it('does not depend on the level of the log', () => {
    expect(warned.filter((line) => line.includes('"level":30'))).toEqual([]);
  });
});

describe('a log without a file', () => {
  it('has acts at any log level, and of a request only the pattern of its route', async () => {
    const lines: string[] = [];
    const logger = (level: string) => pino({ level }, { write: (line: string) => void lines.push(line) });
    const quiet = await startGateway({ withoutWorker: true }, { logger: logger('warn') });
    try {
      await quiet.call('POST', '/v1/users/ada/onboarding/pause', { as: 'operator', body: { reason } });
      expect(lines.map((line) => (JSON.parse(line) as Line)['phase'])).toEqual(['intent', 'outcome']);
    } finally {
      await quiet.close();
    }
    const usual = await startGateway({ withoutWorker: true }, { logger: logger('info') });
    try {
      lines.length = 0;
      await usual.call('GET', '/v1/users/ada%40example.test/onboarding?token=hidden-one&code=no-digits', {
        as: 'viewer',
      });
      await usual.call('GET', '/hidden-two?code=no-digits', { as: null });
      await usual.call('GET', '/v1/users/bo/onboarding', { as: 'viewer' });
      const text = lines.join('');
      expect(text).toContain('"route":"/v1/users/:id/onboarding"');
      expect(text).toContain('"id":"bo"');
      for (const hidden of ['example.test', 'hidden-one', 'hidden-two', 'no-digits'])
        expect(text).not.toContain(hidden);
    } finally {
      await usual.close();
    }
  });
});

describe('an audit log on a full disk', () => {
  it('refuses acts and allows reads until there is space', async () => {
    let path = '/dev/full';
    const full = {
      write: (entry: object) => fileAuditLog('test', path).write(entry),
      blank: async () => false,
    };
    const gateway = await startGateway({}, { auditLog: full });
    try {
      const dan = uniqueUserId('dan');
      const start = () => gateway.call('POST', `/v1/users/${dan}/onboarding`, { body: { accountType: 'individual' } });
      const refused = await start();
      expect(refused).toMatchObject({ status: 503, body: { code: 'audit_unavailable' } });
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(await gateway.call('GET', '/healthz', { as: null })).toMatchObject({ status: 200 });
      expect(await gateway.call('GET', `/v1/users/${dan}/onboarding`)).toMatchObject({ status: 404 });
      path = join(folder, 'with-room.log');
      expect(await start()).toMatchObject({ status: 201 });
    } finally {
      await gateway.close();
    }
  });

  it('begins the next line on a line of its own', async () => {
    const log = fileAuditLog('test', '/dev/full');
    const writes = Array.from({ length: 50 }, () =>
      log.write({ audit: 'pause' }).then(
        () => 'written',
        () => 'refused',
      ),
    );
    expect(new Set(await Promise.all(writes))).toEqual(new Set(['refused']));
  });

  it('does not stop the start; a file that can never be written does', async () => {
    await expect(openAuditLog('test', '/dev/full')).resolves.toBeDefined();
    await expect(openAuditLog('test', folder)).rejects.toThrow('ONWARD_AUDIT_LOG names a file that cannot be written');
    await expect(openAuditLog('test', join(folder, 'new', 'audit.log'))).resolves.toBeDefined();
  });
});
