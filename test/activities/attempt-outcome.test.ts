import { afterEach, describe, expect, it } from '@jest/globals';
import { createProviderActivities } from '../../activities/sfox/provider-activities.ts';
import type { ProviderAttempt } from '../../activities/contract.ts';
import { apiKey } from './call-provider.ts';
import { closeLater, closeServers, findClosedAddress, startServer } from './servers.ts';

afterEach(closeServers);

/** Makes all three calls, and returns the attempts reported to `onAttempt`. */
async function recordAttempts(baseUrl: string): Promise<readonly ProviderAttempt[]> {
  const attempts: ProviderAttempt[] = [];
  const { sends, checks, ...provider } = createProviderActivities({
    baseUrl,
    apiKey,
    onAttempt: (attempt) => void attempts.push(attempt),
  });
  closeLater(() => provider.close());
  const about = { userId: 'ada', provider: null, timeout: 10_000 };
  await sends.sendCode({ ...about, channel: 'sms', retryFor: 0, unknownUserFor: 0 }).catch(() => undefined);
  await checks.confirmCode({ ...about, channel: 'email', code: '1234' }).catch(() => undefined);
  await checks.readUser(about).catch(() => undefined);
  return attempts;
}

const startServerReplying = (status: number, text: string) =>
  startServer((_, reply) => reply.writeHead(status, { 'content-type': 'application/json' }).end(text));

describe('a request to the provider', () => {
  it.each([
    ['2xx', 200, '{"data":{"success":true,"requirements":{}}}'],
    ['2xx', 202, ''],
    ['unreadable', 200, '<html>'],
    ['3xx', 302, ''],
    ['401', 401, '{}'],
    ['401', 403, '{}'],
    ['429', 429, '{}'],
    ['4xx', 404, '{}'],
    ['4xx', 422, '{"error":"not allowed"}'],
    ['5xx', 500, ''],
    ['5xx', 503, ''],
  ] as const)('counts as %s if the reply is a %i of %j', async (reply, status, text) => {
    expect(await recordAttempts(await startServerReplying(status, text))).toEqual([
      { call: 'send', channel: 'sms', reply, duration: expect.any(Number) },
      { call: 'confirm', channel: 'email', reply, duration: expect.any(Number) },
      { call: 'read', channel: 'none', reply, duration: expect.any(Number) },
    ]);
  });

  it('counts as already verified if the 422 names its channel', async () => {
    const attempts = await recordAttempts(await startServerReplying(422, '{"error":"Phone already verified"}'));
    expect(attempts.map(({ reply }) => reply)).toEqual(['already_verified', '4xx', '4xx']);
  });

  it('counts as unreached or as unknown if no reply arrived', async () => {
    const unreached = await recordAttempts(`http://${await findClosedAddress()}`);
    const unknown = await recordAttempts(await startServer(({ socket }) => socket.destroy()));
    expect(unreached.map(({ reply }) => reply)).toEqual(['unreached', 'unreached', 'unreached']);
    expect(unknown.map(({ reply }) => reply)).toEqual(['unknown', 'unknown', 'unknown']);
  });
});
