import { afterEach, describe, expect, it } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import type { Tried } from '../../activities/kind.ts';
import { apiKey } from './asking.ts';
import { closeLater, closeServers, nobody, startServer } from './servers.ts';

afterEach(closeServers);

/** How the tries of all three calls are told to whoever counts them. */
async function triedAt(baseUrl: string): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  const { sends, checks, ...provider } = createActivities({ baseUrl, apiKey, onTried: (one) => void tried.push(one) });
  closeLater(() => provider.close());
  const about = { userId: 'ada', timeout: 2_000 };
  await sends.sendCode({ ...about, channel: 'sms', retryFor: 0 }).catch(() => undefined);
  await checks.confirmCode({ ...about, channel: 'email', code: '1234' }).catch(() => undefined);
  await checks.readUser(about).catch(() => undefined);
  return tried;
}

const answering = (status: number, text: string) =>
  startServer((_, reply) => reply.writeHead(status, { 'content-type': 'application/json' }).end(text));

describe('a try at the provider', () => {
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
  ] as const)('is told as %s when the reply is a %i of %j', async (reply, status, text) => {
    expect(await triedAt(await answering(status, text))).toEqual([
      { call: 'send', channel: 'sms', reply },
      { call: 'confirm', channel: 'email', reply },
      { call: 'read', channel: 'none', reply },
    ]);
  });

  it('is told as already verified where the 422 says so of its channel', async () => {
    const tried = await triedAt(await answering(422, '{"error":"Phone already verified"}'));
    expect(tried.map(({ reply }) => reply)).toEqual(['already_verified', '4xx', '4xx']);
  });

  it('is told as unreached, or as unknown, where no reply came', async () => {
    const unreached = await triedAt(`http://${await nobody()}`);
    const unknown = await triedAt(await startServer(({ socket }) => socket.destroy()));
    expect(unreached.map(({ reply }) => reply)).toEqual(['unreached', 'unreached', 'unreached']);
    expect(unknown.map(({ reply }) => reply)).toEqual(['unknown', 'unknown', 'unknown']);
  });
});
