import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGateway } from '../../support/gateway.ts';
import { connectLater } from '../../../client/temporal/connect.ts';
import { createReadinessCheck } from '../../../client/gateway/plugins/readiness.ts';
import { Onward } from '../../../client/onward.ts';
import type { Gateway } from '../../support/gateway.ts';
import { keys, uniqueUserId } from '../../support/stack.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ withoutWorker: true }, { codecOrigins: ['http://127.0.0.1:8233'] });
});
afterAll(() => gateway?.close());

it('reports liveness and readiness without a token', async () => {
  expect(await gateway.call('GET', '/healthz', { as: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(await gateway.call('GET', '/readyz', { as: null })).toMatchObject({ status: 200, body: { status: 'ok' } });
});

it('reports that Temporal is unavailable, and checks again later', async () => {
  const client = connectLater({ connectionOptions: { address: '127.0.0.1:1' } }, keys);
  const lost = await startGateway(
    { withoutWorker: true },
    { onward: new Onward({ client }), isReady: createReadinessCheck(client) },
  );
  try {
    expect(await lost.call('GET', '/readyz', { as: null })).toMatchObject({ status: 503 });
    const away = { status: 503, body: { code: 'unavailable' } };
    expect(await lost.call('GET', '/v1/users/ada/onboarding')).toMatchObject(away);
    const start = await lost.call('POST', '/v1/users/ada/onboarding', { body: { accountType: 'individual' } });
    expect(start).toMatchObject(away);
    expect(Number(start.headers.get('retry-after'))).toBeGreaterThan(0);
    const event = { type: 'user.created', data: { userId: 'ada' } };
    expect(await lost.deliver(event)).toMatchObject(away);
    expect(await lost.call('GET', '/v1/journeys/summary', { as: 'viewer' })).toMatchObject(away);
    expect(await lost.call('POST', '/v1/users/ada/onboarding/resend')).toMatchObject(away);
  } finally {
    await lost.close();
    await client.connection.close();
  }
});

it('serves metrics to viewers, without a user in them', async () => {
  const ada = uniqueUserId('ada');
  await gateway.call('POST', `/v1/users/${ada}/onboarding`, { body: { accountType: 'individual' } });
  const { status, body } = await gateway.call('GET', '/metrics', { as: 'viewer' });
  expect(status).toBe(200);
  expect(body).toContain('onward_commands_total{act="start",role="app",status="201"}');
  expect(body).toContain('onward_http_request_seconds_bucket');
  expect(body).not.toContain(ada);
  expect(await gateway.call('GET', '/metrics', { as: null })).toMatchObject({ status: 401 });
});

it('decodes only for an operator', async () => {
  const payloads = [
    {
      metadata: { encoding: Buffer.from('json/plain').toString('base64') },
      data: Buffer.from('"x"').toString('base64'),
    },
  ];
  const encoded = await gateway.call('POST', '/codec/encode', { as: 'operator', body: { payloads } });
  expect(Buffer.from(encoded.body.payloads[0].metadata.encoding, 'base64').toString()).toBe('binary/encrypted');
  expect(await gateway.call('POST', '/codec/decode', { as: 'operator', body: encoded.body })).toMatchObject({
    status: 200,
    body: { payloads },
  });
  expect(await gateway.call('POST', '/codec/decode', { as: 'viewer', body: encoded.body })).toMatchObject({
    status: 403,
  });
  expect(await gateway.call('POST', '/codec/decode', { as: null, body: encoded.body })).toMatchObject({ status: 401 });
});

it('allows the pages of Temporal cross-origin requests to the codec only', async () => {
  const preflight = (path: string, origin: string) =>
    fetch(`${gateway.url}${path}`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    }).then(({ headers }) => headers.get('access-control-allow-origin'));
  expect(await preflight('/codec/decode', 'http://127.0.0.1:8233')).toBe('http://127.0.0.1:8233');
  expect(await preflight('/codec/decode', 'http://evil.example')).toBeNull();
  expect(await preflight('/v1/journeys', 'http://127.0.0.1:8233')).toBeNull();
});

it('sends security headers, and an id of the request', async () => {
  const { headers } = await gateway.call('GET', '/v1/users/ada/onboarding');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
