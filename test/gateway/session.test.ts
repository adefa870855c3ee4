import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Sessions, SESSION_LIFE } from '../../client/gateway/sessions.ts';
import { digestOf } from '../../client/gateway/tokens.ts';
import type { Role } from '../../client/gateway/tokens.ts';
import { bearers, startGateway } from '../support/gateway.ts';
import type { Gateway } from '../support/gateway.ts';

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

it('begins with a token, in a cookie that no script reads and that does not hold the token', async () => {
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

it('changes nothing from another page, whatever the browser sends along', async () => {
  const cookie = (await cookieOf('operator')).split(';')[0] ?? '';
  const pause = (headers: Record<string, string>) =>
    gateway.call('POST', '/v1/users/nobody/onboarding/pause', { as: null, body: { reason: 'x' }, headers });
  expect(await pause({ cookie, origin: gateway.url })).toMatchObject({ status: 404 });
  for (const headers of [{ cookie }, { cookie, origin: 'https://evil.example' }, { cookie, origin: TEMPORAL_PAGES }]) {
    expect(await pause(headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  }
  const viewer = (await cookieOf('viewer')).split(';')[0] ?? '';
  expect(await pause({ cookie: viewer, origin: gateway.url })).toMatchObject({ status: 403 });
});

it('reads payloads for Temporal’s own pages, for an operator alone', async () => {
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

it('ends after its life, with its token, and where it was forged', () => {
  const token = { role: 'viewer', name: 'night', digest: digestOf('a token of the night') } as const;
  const keys = [{ id: 'a', key: Buffer.alloc(32, 'a') }];
  const sessions = new Sessions(keys, [token]);
  const value = sessions.open(token, 0);
  expect(sessions.holder(value, SESSION_LIFE * 1_000 - 1)).toBe(token);
  expect(sessions.holder(value, SESSION_LIFE * 1_000)).toBeUndefined();
  expect(new Sessions(keys, []).holder(value, 0)).toBeUndefined();
  expect(new Sessions([{ id: 'a', key: Buffer.alloc(32, 'b') }], [token]).holder(value, 0)).toBeUndefined();
  const rotated = [{ id: 'b', key: Buffer.alloc(32, 'b') }, ...keys];
  expect(new Sessions(rotated, [token]).holder(value, 0)).toBe(token);
  for (const forged of ['', 'x', `${value.slice(0, -2)}AA`, value.slice(4)]) {
    expect(sessions.holder(forged, 0)).toBeUndefined();
  }
});

it('serves pages that run nothing inline but an import map of a known hash, and nothing from elsewhere', async () => {
  const page = await (await fetch(`${gateway.url}/console/people/ada`)).text();
  const [, imports = ''] = /<script type="importmap">(.*?)<\/script>/.exec(page) ?? [];
  const hash = createHash('sha256').update(imports).digest('base64');
  for (const path of ['', 'people', 'operations/an-id', 'main.js', 'style.css', 'machine.json']) {
    const reply = await fetch(`${gateway.url}/console/${path}`);
    expect(reply.status).toBe(200);
    const policy = reply.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`default-src 'none'; script-src 'self' 'sha256-${hash}'; style-src 'self'`);
    expect(policy).not.toContain('unsafe');
  }
  expect(page.replace(imports, '')).not.toMatch(/<script(?![^>]*\b(src=|type="importmap"))|\sstyle=|\son\w+=/);
  expect((await fetch(`${gateway.url}/console/%2e%2e/build.js`)).status).toBe(404);
});
