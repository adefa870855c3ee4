import { expect, it } from '@jest/globals';
import { startProcess } from '../../sandbox/fleet/process.ts';
import { startCollector } from '../../sandbox/fleet/collector.ts';
import { bearers, webhookSecret } from '../support/gateway.ts';
import { startOwnServer } from '../support/own-server.ts';
import { eventually, keys, startStack, untilAt, user } from '../support/stack.ts';
import { startWorkerProcess } from '../support/worker-process.ts';

it('goes from a request at the gateway to the call at the provider, over three processes', async () => {
  const server = await startOwnServer();
  const collector = await startCollector();
  const stack = await startStack({ address: server.address, withoutWorker: true });
  const [{ id, key }] = keys;
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const worker = await startWorkerProcess(stack.sfox, server.address, traced);
  const gateway = await startProcess('gateway', {
    ...traced,
    TEMPORAL_ADDRESS: server.address,
    ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
    ONWARD_TOKENS: `app:test:${bearers.app}`,
    ONWARD_WEBHOOK_SECRETS: webhookSecret,
  });
  try {
    const ada = user('ada');
    const reply = await fetch(`${gateway.url}/v1/users/${ada}/onboarding`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearers.app}`, 'content-type': 'application/json' },
      body: JSON.stringify({ accountType: 'individual' }),
    });
    expect(reply.status).toBe(201);
    await untilAt(stack, ada, 'emailPending.awaitingCode');
    // Both send what they have when they end.
    await Promise.all([gateway.stop(), worker.stop()]);
    const called = await eventually(() => collector.spans().find(({ name }) => name === 'sendCode'), 'it is collected');
    const trace = collector.spans().filter(({ traceId }) => traceId === called.traceId);
    const above = (span = called) => trace.find(({ spanId }) => spanId === span.parentSpanId);
    const start = above();
    const request = above(start);
    expect([called, start, request].map((span) => [span?.service, span?.name])).toEqual([
      ['onward-worker', 'sendCode'],
      ['onward-gateway', 'start onboarding'],
      ['onward-gateway', 'POST /v1/users/:id/onboarding'],
    ]);
  } finally {
    await Promise.all([gateway.kill(), worker.kill()]);
    await Promise.all([stack.close(), collector.close()]);
    await server.stop();
  }
});
