import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { InterceptingCall } from '@grpc/grpc-js';
import type { Interceptor } from '@grpc/grpc-js';
import { Connection } from '@temporalio/client';
import { addressOf } from '../../../client/gateway/plugins/rate-limits.ts';
import { createReadinessCheck } from '../../../client/gateway/plugins/readiness.ts';
import { createClient } from '../../../client/temporal/connect.ts';
import { openGateway, webhookSecret } from '../../support/gateway.ts';
import type { Gateway } from '../../support/gateway.ts';
import { keys, startStack } from '../../support/stack.ts';
import type { Stack } from '../../support/stack.ts';

let stack: Stack;
let gateway: Gateway;
beforeAll(async () => {
  stack = await startStack({ withoutWorker: true });
});
afterEach(() => gateway?.close());
afterAll(() => stack?.close());

const count = async (times: number, act: (n: number) => Promise<{ status: number }>) => {
  const statuses: number[] = [];
  for (let n = 0; n < times; n += 1) statuses.push((await act(n)).status);
  return statuses;
};
const readList = (headers: Record<string, string> = {}) =>
  gateway.call('GET', '/v1/journeys', { as: 'viewer', headers });
const withBadToken = (n: number, headers: Record<string, string> = {}) =>
  gateway.call('GET', '/v1/journeys', {
    as: null,
    headers: { authorization: `Bearer no-such-token-${n}`, ...headers },
  });

it('does not count the calls of a stranger, whose address a proxy reports, as those of a token', async () => {
  gateway = await openGateway(stack, { trustProxy: 1, rate: { calls: 20, within: 60_000 } });
  const headers = { 'x-forwarded-for': 'viewer:viewer-name, token:viewer:viewer-name', origin: gateway.url };
  const calls = await count(30, () => gateway.call('DELETE', '/console/session', { as: null, headers }));
  expect(calls).toContain(429);
  expect(await readList()).toMatchObject({ status: 200 });
});

it('counts logins by the address that the trusted proxy has seen, not by the one that the caller claims', async () => {
  gateway = await openGateway(stack, { trustProxy: ['127.0.0.0/8'] });
  const logIn = (forwarded: string) =>
    gateway.call('POST', '/console/session', {
      as: null,
      body: { token: 'no-token-at-all-of-ours' },
      headers: { origin: gateway.url, 'x-forwarded-for': forwarded },
    });
  const claimed = await count(40, (n) => logIn(`198.51.100.${n}, 203.0.113.7`));
  expect(claimed.filter((status) => status === 401)).toHaveLength(20);
  expect(await logIn('203.0.113.8')).toMatchObject({ status: 401 });
});

it('ignores forwarded addresses when no proxy is trusted', async () => {
  gateway = await openGateway(stack);
  const calls = await count(130, (n) => withBadToken(n, { 'x-forwarded-for': `203.0.113.${n}` }));
  expect(calls.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 401));
  expect(calls.slice(100)).toEqual(Array.from({ length: 30 }, () => 429));
  // A known token from the same address is served.
  expect(await readList()).toMatchObject({ status: 200 });
  const refused = await withBadToken(0);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('limits unsigned sign-up events of an address, and still accepts signed ones from it', async () => {
  gateway = await openGateway(stack);
  const body = 'x'.repeat(60_000);
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
    'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')}`,
  };
  const calls = await count(110, () => gateway.call('POST', '/v1/events', { as: null, body, headers }));
  expect([calls[0], calls[99], calls[109]]).toEqual([401, 401, 429]);
  const without = await gateway.call('POST', '/v1/events', { as: null, body: {} });
  expect(without).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
  const event = { type: 'user.deleted', data: { userId: 'ada' } };
  expect(await gateway.deliver(event)).toMatchObject({ status: 202 });
  expect(await gateway.deliver(event, { secret: webhookSecret.replace('whsec_', 'whsec_AAAA') })).toMatchObject({
    status: 429,
  });
});

it('limits signed sign-up events of all senders together, and says when to deliver them again', async () => {
  gateway = await openGateway(stack, { eventRate: 5 });
  const event = { type: 'user.deleted', data: { userId: 'ada' } };
  const calls = await count(5, () => gateway.deliver(event));
  expect(calls).toEqual(Array.from({ length: 5 }, () => 202));
  const refused = await gateway.deliver(event);
  expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

it('takes a recheck from its own share of the rate, and leaves the rest of it to codes', async () => {
  gateway = await openGateway(stack, { rate: { calls: 50, within: 60_000 } });
  const recheck = () => gateway.call('POST', '/v1/users/unknown/onboarding/recheck', { body: {} });
  const calls = await count(8, recheck);
  expect(calls).toEqual([404, 404, 404, 404, 404, 429, 429, 429]);
  expect(Number((await recheck()).headers.get('retry-after'))).toBeGreaterThan(0);
  const code = { channel: 'email', code: '123456' };
  const submit = () => gateway.call('POST', '/v1/users/unknown/onboarding/code', { body: code });
  expect(await count(20, submit)).toEqual(Array.from({ length: 20 }, () => 404));
});

it('asks Temporal once for any number of readiness checks within a second', async () => {
  let requestCount = 0;
  const counting: Interceptor = (options, next) => {
    if (options.method_definition.path.endsWith('/DescribeNamespace')) requestCount += 1;
    return new InterceptingCall(next(options));
  };
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const client = createClient(Connection.lazy({ address, interceptors: [counting] }), 'default', keys);
  try {
    gateway = await openGateway(stack, { isReady: createReadinessCheck(client) });
    const begun = Date.now();
    await Promise.all(Array.from({ length: 200 }, () => gateway.call('GET', '/readyz', { as: null })));
    expect(requestCount).toBeGreaterThan(0);
    expect(requestCount).toBeLessThanOrEqual(1 + (Date.now() - begun) / 1_000);
  } finally {
    await client.connection.close();
  }
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2/64'],
  ['2001:db8:1:2::1', '2001:db8:1:2/64'],
  ['2001:0DB8:1::1', '2001:db8:1:0/64'],
  ['::1', '0:0:0:0/64'],
  ['app:backend', '192.0.2.1'],
])('counts the address %s as %s', (ip, counted) => {
  const socket = { remoteAddress: '192.0.2.1' };
  expect(addressOf({ ip, socket } as Parameters<typeof addressOf>[0])).toBe(counted);
});
