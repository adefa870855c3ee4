import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sessions, SESSION_TTL_SECONDS } from '../../../client/gateway/sessions/sessions.ts';
import { digestOf } from '../../../client/gateway/plugins/tokens.ts';
import type { Role } from '../../../workflows/journey/roles.ts';
import { Onward } from '../../../client/onward.ts';
import { connectLater } from '../../../client/temporal/connect.ts';
import { bearers, openGateway, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { keys, uniqueUserId, waitUntil } from '../../support/stack.ts';

const TEMPORAL_PAGES = 'http://127.0.0.1:8233';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true }, { codecOrigins: [TEMPORAL_PAGES] });
});
afterAll(() => gateway?.close());

const logIn = (token: string, origin = gateway.url) =>
  gateway.call('POST', '/console/session', { as: null, body: { token }, headers: { origin } });
const cookieOf = async (role: Role) => {
  const { status, headers } = await logIn(bearers[role]);
  expect(status).toBe(204);
  return headers.get('set-cookie') ?? '';
};

it('begins with a token, in a cookie that no script can read and that does not contain the token', async () => {
  const set = await cookieOf('operator');
  expect(set).toMatch(/^onward_session=[\w-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
  expect(set).not.toContain(bearers.operator);
  const cookie = set.split(';')[0] ?? '';
  const whose = await gateway.call('GET', '/console/session', { as: null, headers: { cookie } });
  expect(whose).toMatchObject({ status: 200, body: { role: 'operator', name: 'operator-name' } });
  const out = await gateway.call('DELETE', '/console/session', { as: null, headers: { cookie, origin: gateway.url } });
  expect(out.headers.get('set-cookie')).toMatch(/^onward_session=; .*Expires=Thu, 01 Jan 1970/);
});

it('is refused for a token that is none, for the app, and from another page', async () => {
  expect(await logIn('no-token-at-all-of-ours')).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  expect(await logIn(bearers.app)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect(await logIn(bearers.viewer, 'https://evil.example')).toMatchObject({ status: 403 });
});

it('changes nothing from another page, with any cookie or header that the browser adds', async () => {
  const cookie = (await cookieOf('operator')).split(';')[0] ?? '';
  const pause = (headers: Record<string, string>) =>
    gateway.call('POST', '/v1/users/unknown/onboarding/pause', { as: null, body: { reason: 'x' }, headers });
  expect(await pause({ cookie, origin: gateway.url })).toMatchObject({ status: 404 });
  for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example' }, { cookie, origin: TEMPORAL_PAGES }]) {
    expect(await pause(headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  }
  const viewer = (await cookieOf('viewer')).split(';')[0] ?? '';
  expect(await pause({ cookie: viewer, origin: gateway.url })).toMatchObject({ status: 403 });
});

it('decodes payloads for Temporal’s own pages, only for an operator', async () => {
  const data = Buffer.from('"x"').toString('base64');
  const payloads = [{ metadata: { encoding: Buffer.from('json/plain').toString('base64') }, data }];
  const { body } = await gateway.call('POST', '/codec/encode', { as: 'operator', body: { payloads } });
  const decode = async (role: Role, origin: string) => {
    const cookie = (await cookieOf(role)).split(';')[0] ?? '';
    return gateway.call('POST', '/codec/decode', { as: null, body, headers: { cookie, origin } });
  };
  const read = await decode('operator', TEMPORAL_PAGES);
  expect(read).toMatchObject({ status: 200, body: { payloads } });
  expect(read.headers.get('access-control-allow-credentials')).toBe('true');
  expect(await decode('viewer', TEMPORAL_PAGES)).toMatchObject({ status: 403 });
  expect(await decode('operator', 'https://evil.example')).toMatchObject({ status: 403 });
});

it('ends after its lifetime and with its token, and is refused if it was forged', () => {
  const token = { role: 'viewer', name: 'night', digest: digestOf('a token of the night') } as const;
  const keys = [{ id: 'a', key: Buffer.alloc(32, 'a') }];
  const sessions = new Sessions(keys, [token]);
  const value = sessions.open(token, 0);
  expect(sessions.read(value, SESSION_TTL_SECONDS * 1_000 - 1)?.holder).toBe(token);
  expect(sessions.read(value, SESSION_TTL_SECONDS * 1_000)).toBeUndefined();
  expect(new Sessions(keys, []).read(value, 0)).toBeUndefined();
  expect(new Sessions([{ id: 'a', key: Buffer.alloc(32, 'b') }], [token]).read(value, 0)).toBeUndefined();
  const rotated = [{ id: 'b', key: Buffer.alloc(32, 'b') }, ...keys];
  expect(new Sessions(rotated, [token]).read(value, 0)?.holder).toBe(token);
  for (const forged of ['', 'x', `${value.slice(0, -2)}AA`, value.slice(4)]) {
    expect(sessions.read(forged, 0)).toBeUndefined();
  }
});

it('serves pages that run nothing inline but an import map of a known hash, and nothing from elsewhere', async () => {
  const page = await (await fetch(`${gateway.url}/console/people/ada`)).text();
  const [, imports = ''] = /<script type="importmap">(.*?)<\/script>/.exec(page) ?? [];
  const hash = createHash('sha256').update(imports).digest('base64');
  for (const path of ['', 'people', 'operations/an-id', 'main.js', 'styles/style.css', 'machine.json']) {
    const reply = await fetch(`${gateway.url}/console/${path}`);
    expect(reply.status).toBe(200);
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'`);
    expect(policy).not.toContain('unsafe');
  }
  expect(page.replace(imports, '')).not.toMatch(/<script(?![^>]*\b(src=|type="importmap"))|\sstyle=|\son\w+=/);
  expect((await fetch(`${gateway.url}/console/%2e%2e/build.js`)).status).toBe(404);
});

describe('a logout', () => {
  let other: Gateway;
  beforeAll(async () => {
    other = await openGateway(gateway.stack, { codecOrigins: [TEMPORAL_PAGES], onward: new Onward(gateway.stack) });
  });
  afterAll(() => other?.close());

  const pause = (at: Gateway, cookie: string) =>
    at.call('POST', '/v1/users/unknown/onboarding/pause', {
      as: null,
      body: { reason: 'x' },
      headers: { cookie, origin: at.url },
    });
  const logOut = (at: Gateway, cookie: string) =>
    at.call('DELETE', '/console/session', { as: null, headers: { cookie, origin: at.url } });
  const whose = (at: Gateway, cookie: string) => at.call('GET', '/console/session', { as: null, headers: { cookie } });

  it('revokes a copy of the cookie at once, at every gateway, and does not end other sessions', async () => {
    const cookie = (await cookieOf('operator')).split(';')[0] ?? '';
    const others = (await cookieOf('operator')).split(';')[0] ?? '';
    expect(await pause(other, cookie)).toMatchObject({ status: 404 });
    expect(await logOut(gateway, cookie)).toMatchObject({ status: 204 });
    expect(await pause(gateway, cookie)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await whose(gateway, cookie)).toMatchObject({ status: 401 });
    expect(await pause(other, cookie)).toMatchObject({ status: 401 });
    await waitUntil(async () => (await whose(other, cookie)).status === 401, 'the other gateway reads nothing for it');
    expect(await pause(other, others)).toMatchObject({ status: 404 });
    expect(await whose(gateway, others)).toMatchObject({ status: 200 });
    // Logging out twice is harmless.
    expect(await logOut(other, cookie)).toMatchObject({ status: 204 });
  });

  it('ends the open event streams of the session, at every gateway', async () => {
    const cookie = (await cookieOf('viewer')).split(';')[0] ?? '';
    const open = (at: Gateway) => fetch(`${at.url}/v1/dashboard`, { headers: { cookie, accept: 'text/event-stream' } });
    const streams = await Promise.all([gateway, other].map(open));
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    const ended = Promise.all(streams.map((stream) => stream.text()));
    await logOut(gateway, cookie);
    expect(await ended).toHaveLength(2);
  });

  it('ends an open long-poll of the session at once, without a status', async () => {
    const userId = uniqueUserId('waits');
    await gateway.stack.onward.start(userId, { accountType: 'individual' });
    const cookie = (await cookieOf('viewer')).split(';')[0] ?? '';
    const status = (query: string) =>
      gateway.call('GET', `/v1/users/${userId}/onboarding${query}`, { as: null, headers: { cookie } });
    expect(await status('')).toMatchObject({ status: 200, body: { revision: null } });
    const begun = Date.now();
    const waiting = status('?after=99&wait=60');
    await waitUntil(() => gateway.stack.onward.subscriptions.size > 0, 'the long-poll is open');
    await logOut(gateway, cookie);
    expect(await waiting).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(Date.now() - begun).toBeLessThan(50_000);
    expect(gateway.stack.onward.subscriptions.size).toBe(0);
  });

  it('that other gateways cannot learn of reports that, and is effective at this one', async () => {
    const client = connectLater({ connectionOptions: { address: '127.0.0.1:1' } }, keys);
    const alone = await openGateway(gateway.stack, { onward: new Onward({ client }) });
    try {
      const cookie = (await cookieOf('operator')).split(';')[0] ?? '';
      const out = await logOut(alone, cookie);
      expect(out).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(out.headers.get('set-cookie')).toMatch(/^onward_session=; /);
      expect(await whose(alone, cookie)).toMatchObject({ status: 401 });
      // Without Temporal a command is refused, whatever the session.
      const another = (await cookieOf('operator')).split(';')[0] ?? '';
      expect(await pause(alone, another)).toMatchObject({ status: 503 });
      expect(await whose(alone, another)).toMatchObject({ status: 200 });
    } finally {
      await alone.close();
      await client.connection.close();
    }
  });
});

describe('the cookie', () => {
  // Logins of one address are limited at each gateway.
  let own: Gateway;
  beforeAll(async () => {
    own = await openGateway(gateway.stack);
  });
  afterAll(() => own?.close());

  /** `fetch` cannot set the Host header. */
  const send = (method: string, headers: Record<string, string>, body = '') =>
    new Promise<{ status: number; cookie: string }>((resolve, reject) => {
      const { hostname, port } = new URL(own.url);
      const asked = request({ hostname, port, method, path: '/console/session', headers }, (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0] ?? '' });
      });
      asked.on('error', reject).end(body);
    });
  const logInAt = (host: string, origin: string) =>
    send('POST', { host, origin, 'content-type': 'application/json' }, JSON.stringify({ token: bearers.operator }));

  it('is Secure and bound to its host, except on this machine', async () => {
    const { status, cookie } = await logInAt('onward.example.com', 'https://onward.example.com');
    expect(status).toBe(204);
    expect(cookie).toMatch(/^__Host-onward_session=[\w-]+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const value = (cookie.split(';')[0] ?? '').replace('__Host-', '');
    const host = 'onward.example.com';
    expect(await send('GET', { host, cookie: `__Host-${value}` })).toMatchObject({ status: 200 });
    // A sibling host can set a cookie without the prefix; it does not count.
    expect(await send('GET', { host, cookie: value })).toMatchObject({ status: 401 });
  });

  it.each([
    ['onward.example.com', 'http://onward.example.com'],
    ['onward.example.com', 'https://onward.example.com:8443'],
    ['onward.example.com', 'https://onward.example.com.evil.example'],
    ['onward.example.com', 'https://evil.example'],
    ['onward.example.com', 'null'],
    ['localhost:8080', 'http://localhost:8081'],
    ['127.0.0.1.evil.example', 'http://127.0.0.1.evil.example'],
  ])('is not given by %s to a page of %s', async (host, origin) => {
    expect(await logInAt(host, origin)).toEqual({ status: 403, cookie: '' });
  });
});
