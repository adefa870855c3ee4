import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bearers, startGateway } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { uniqueUserId } from '../../support/stack.ts';

/** Requests that are wrong in the ways in which clients are. Each response says what is wrong; none is a 5xx. */

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true });
});
afterAll(() => gateway?.close());

interface Raw {
  readonly method: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** By node's own client, which sends what `fetch` would put right. */
function send({ method, path, headers = {}, body }: Raw): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const clientRequest = request({ hostname, port, method, path, headers }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, type: reply.headers['content-type'] ?? '', text }),
      );
    });
    clientRequest.on('error', reject).end(body);
  });
}

const as = (role: keyof typeof bearers) => ({ authorization: `Bearer ${bearers[role]}` });
/** Without a recent time an event is refused before its body is read. */
const wrongSignature = {
  'webhook-id': 'm1',
  'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
  'webhook-signature': 'v1,AAAA',
};
const json = { 'content-type': 'application/json' };
/** A user without a journey. */
const user = `/v1/users/${uniqueUserId('ada')}/onboarding`;
const post = (
  path: string,
  body: unknown,
  role: keyof typeof bearers = 'app',
  more: Record<string, string> = {},
): Raw => ({
  method: 'POST',
  path,
  headers: { ...as(role), ...json, ...more },
  body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
});
const get = (path: string, role: keyof typeof bearers = 'viewer'): Raw => ({ method: 'GET', path, headers: as(role) });

const ids = [
  '%20',
  'a%20b',
  'a%40b.example',
  '%2e%2e',
  '%2e',
  'a%2Fb',
  'a%00b',
  '%F0%9F%98%80',
  'x'.repeat(129),
  'x'.repeat(3_000),
  'a%5Cb',
  "a'b",
  'a%22b',
  'a%3Bb',
  'a+b',
  'a%2Bb',
  'a%7Cb',
  'a(b)',
  'a*b',
  'a,b',
  'a=b',
  'a$b',
  '%ff',
  '%zz',
  '%',
  'a%',
  '%c3%28',
];
const endpoints: readonly (readonly [string, unknown, keyof typeof bearers])[] = [
  ['', { accountType: 'individual' }, 'app'],
  ['/code', { channel: 'email', code: '123456' }, 'app'],
  ['/resend', {}, 'app'],
  ['/recheck', {}, 'app'],
  ['/restart', { reason: 'x' }, 'app'],
  ['/supersede', { newUserId: 'ada-2', reason: 'x' }, 'app'],
  ['/retry', { reason: 'x' }, 'operator'],
  ['/pause', { reason: 'x' }, 'operator'],
  ['/resume', { reason: 'x' }, 'operator'],
  ['/cancel', { reason: 'x' }, 'operator'],
  ['/override', { channel: 'email', reason: 'x' }, 'operator'],
];
const notJson = [
  '{',
  '{"a":}',
  'accountType=individual',
  '<a/>',
  '"',
  '[',
  'nul',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{}}}',
  Buffer.from([0xff, 0xfe, 0x7b]),
  Buffer.from([0xc3, 0x28]),
];
const notObjects = [[], 'text', 42, true, null, [{}]];
const types = [
  'text/plain',
  'application/xml',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/cloudevents+json',
  'application/',
  'nonsense',
  '*/*',
];
const starts = [
  {},
  { accountType: null },
  { accountType: 'corporation' },
  { accountType: 1 },
  { accountType: ['individual'] },
  { accountType: 'individual', more: 1 },
  { accountType: 'individual', firstEmail: 'never' },
  { accountType: 'individual', smsStart: true },
  { accounttype: 'individual' },
];
const codes = [
  {},
  { channel: 'email' },
  { code: '1234' },
  { channel: 'post', code: '1234' },
  { channel: 'email', code: 1234 },
  { channel: 'email', code: '123' },
  { channel: 'email', code: '12345678901' },
  { channel: 'email', code: '12 3x' },
  { channel: 'email', code: '١٢٣' },
  { channel: 'email', code: '' },
  { channel: 'email', code: '1234', x: 1 },
  { channel: ['email'], code: '1234' },
];
const reasons = [
  {},
  { reason: '' },
  { reason: '   ' },
  { reason: 1 },
  { reason: null },
  { reason: 'x'.repeat(501) },
  { reason: 'x', more: true },
  { Reason: 'x' },
  { reason: '\u001b[2Jgone' },
  { reason: 'two\nlines' },
  { reason: 'c1 \u009b2J' },
  { reason: 'half \ud83d' },
];
const queries = [
  'limit=0',
  'limit=201',
  'limit=-1',
  'limit=x',
  'limit=1.5',
  'limit=',
  'limit=1&limit=2',
  'state=nowhere',
  'step=sending',
  'reason=bored',
  'accountType=corporation',
  'userId=a@b.example',
  "userId=a'%20OR%201=1",
  'cursor=%00',
  'cursor=nonsense',
  'unknown=1',
  'state=done&state=expired',
  'state=',
];
const waits = [
  'after=x',
  'after=-1',
  'after=1&wait=61',
  'after=1&wait=x',
  'wait=-1',
  'after=',
  'after=1e3',
  'after=99999999999',
  'unknown=1',
  'after=1&after=2',
];
const keysOfClients = ['', 'two words', 'é', 'x'.repeat(256), 'tab\there'];
const signatures: Record<string, string>[] = [
  {},
  { 'webhook-id': 'x' },
  { 'webhook-id': 'x', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' },
  { 'webhook-id': 'x', 'webhook-timestamp': 'now', 'webhook-signature': 'v1,x' },
  { 'webhook-id': 'x', 'webhook-timestamp': String(Math.floor(Date.now() / 1_000)), 'webhook-signature': 'v1' },
  { 'webhook-id': 'x', 'webhook-timestamp': String(Math.floor(Date.now() / 1_000)), 'webhook-signature': 'v2,AAAA' },
  {
    'webhook-id': 'x',
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': 'v1,%%% v1a,x',
  },
];
const authorizations = [
  '',
  'Bearer',
  'Bearer ',
  'Basic YTpi',
  `Bearer ${bearers.app}x`,
  `bearer${bearers.app}`,
  `Token ${bearers.app}`,
  bearers.app,
  'Bearer null',
  `Bearer  ${bearers.app}`,
];
const methods = ['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'DELETE', 'PROPFIND'];

const corpus: readonly (readonly [string, readonly Raw[], readonly number[]])[] = [
  [
    'user ids',
    ids.flatMap((id) => endpoints.map(([rest, body, role]) => post(`/v1/users/${id}/onboarding${rest}`, body, role))),
    [400, 404],
  ],
  [
    'user ids, read',
    ids.flatMap((id) => [get(`/v1/users/${id}/onboarding`), get(`/v1/users/${id}/onboarding/timeline`)]),
    [400, 404],
  ],
  [
    'no JSON',
    notJson.flatMap((body) => endpoints.slice(0, 3).map(([rest, , role]) => post(`${user}${rest}`, body, role))),
    [400],
  ],
  [
    'no objects',
    notObjects.flatMap((body) =>
      endpoints
        .filter(([rest]) => rest !== '/resend' && rest !== '/recheck')
        .map(([rest, , role]) => post(`${user}${rest}`, JSON.stringify(body), role)),
    ),
    [400],
  ],
  [
    'media types',
    types.flatMap((type) =>
      endpoints.slice(0, 3).map(([rest, body, role]) => post(`${user}${rest}`, body, role, { 'content-type': type })),
    ),
    [415],
  ],
  ['starts', starts.map((body) => post(user, body)), [400]],
  ['codes', codes.map((body) => post(`${user}/code`, body)), [400]],
  [
    'reasons',
    reasons.flatMap((body) => endpoints.slice(5, 9).map(([rest]) => post(`${user}${rest}`, body, 'operator'))),
    [400],
  ],
  [
    'reasons that steer a terminal',
    ['resend', 'recheck', 'restart'].map((rest) => post(`${user}/${rest}`, { reason: '\u001b[2J' })),
    [400],
  ],
  ['queries of the list', queries.map((query) => get(`/v1/journeys?${query}`)), [400]],
  ['queries of the status', waits.map((query) => get(`${user}?${query}`)), [400]],
  [
    'idempotency keys',
    keysOfClients.map((key) =>
      post(`${user}/resend`, {}, 'app', { 'idempotency-key': Buffer.from(key).toString('latin1') }),
    ),
    [400],
  ],
  [
    'signatures',
    signatures.map((headers) => ({ method: 'POST', path: '/v1/events', headers: { ...json, ...headers }, body: '{}' })),
    [401],
  ],
  [
    'media types of events',
    types
      .filter((type) => !type.includes('cloudevents'))
      .map((type) => ({
        method: 'POST',
        path: '/v1/events',
        headers: { 'content-type': type },
        body: '{}',
      })),
    [415],
  ],
  ['tokens', authorizations.map((authorization) => ({ method: 'GET', path: user, headers: { authorization } })), [401]],
  [
    'methods',
    methods.flatMap((method) =>
      [user, '/v1/journeys', '/v1/events'].map((path) => ({ method, path, headers: as('operator') })),
    ),
    [404, 400],
  ],
  ['sizes', endpoints.map(([rest, , role]) => post(`${user}${rest}`, { reason: 'x'.repeat(70_000) }, role)), [413]],
  [
    'sizes of events',
    [{ method: 'POST', path: '/v1/events', headers: { ...json, ...wrongSignature }, body: `"${'x'.repeat(70_000)}"` }],
    [413],
  ],
  [
    'addresses',
    [
      '/',
      '/v1',
      '/v1/users',
      '/v1/users/',
      '/v1/users//onboarding',
      '/v2/users/ada/onboarding',
      '/v1/users/ada/onboarding/',
      '/v1/users/ada/onboarding/frobnicate',
      '/v1/../etc/passwd',
      '//',
      '/%2e%2e/',
      '/console/../v1',
      '/v1/journeys/x',
    ].map((path) => get(path)),
    [404, 400],
  ],
];

describe('a request that is wrong', () => {
  it.each(corpus)('with an invalid %s gets a problem that names it', async (_, requests, statuses) => {
    for (const raw of requests) {
      const { status, type, text } = await send(raw);
      const exchange = `${raw.method} ${raw.path.slice(0, 80)} ${String(raw.body).slice(0, 60)} ${JSON.stringify(raw.headers)}: ${status} ${text.slice(0, 200)}`;
      expect({ exchange, fits: statuses.includes(status) }).toEqual({ exchange, fits: true });
      expect({ exchange, type: type.split(';')[0] }).toEqual({ exchange, type: 'application/problem+json' });
      const problem = JSON.parse(text) as Record<string, unknown>;
      expect(problem).toMatchObject({
        status,
        code: expect.any(String),
        detail: expect.any(String),
        instance: expect.any(String),
      });
      const named = problem['code'] !== 'bad_request' || typeof problem['field'] === 'string';
      expect({ exchange, named }).toEqual({ exchange, named: true });
    }
  });

  it('is there in at least 300 forms', () => {
    expect(corpus.flatMap(([, requests]) => requests).length).toBeGreaterThanOrEqual(300);
  });

  it('leaves no token and no code in the logs', async () => {
    for (const role of Object.keys(bearers) as (keyof typeof bearers)[]) {
      const before = gateway.logged.length;
      await send(post(`${user}/code?code=123456&token=${bearers[role]}`, { channel: 'email', code: '123456' }, role));
      expect(gateway.logged.length).toBeGreaterThan(before);
    }
    const all = gateway.logged.join('\n');
    for (const token of Object.values(bearers)) expect(all).not.toContain(token);
    expect(all).not.toContain('123456');
  });
});

describe('a request that other programs send', () => {
  it("may name a form's media type for a body of no bytes, as `curl -d ''` does", async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': '0' };
    for (const path of [`${user}/recheck`, `${user}/resend`]) {
      expect(await send({ method: 'POST', path, headers: { ...as('app'), ...form } })).toMatchObject({ status: 404 });
    }
    const retried = await send({ method: 'POST', path: `${user}/retry`, headers: { ...as('operator'), ...form } });
    expect(retried).toMatchObject({ status: 400, text: expect.stringContaining('"field":"body"') });
    const filled = {
      method: 'POST',
      path: `${user}/recheck`,
      headers: { ...as('app'), ...form, 'content-length': '1' },
    };
    expect(await send({ ...filled, body: 'a' })).toMatchObject({ status: 415 });
  });

  it('may have an id of 9,000 characters, which is refused by its length', async () => {
    const path = `/v1/users/${'x'.repeat(9_000)}/onboarding`;
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? JSON.stringify({ accountType: 'individual' }) : undefined;
      const answer = await send({ method, path, headers: { ...as('app'), ...json }, ...(body && { body }) });
      expect(answer).toMatchObject({ status: 400, text: expect.stringContaining('must have 1 to 128 characters') });
    }
  });
});
