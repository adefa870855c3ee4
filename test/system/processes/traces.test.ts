import { expect, it } from '@jest/globals';
import { startProcess } from '../fleet/process.ts';
import { startTraceCollector } from '../fleet/trace-collector.ts';
import { bearers, webhookSecret } from '../../support/gateway.ts';
import { startOwnServer } from '../../support/own-server.ts';
import { waitUntil, keys, startStack, waitForPosition, uniqueUserId } from '../../support/stack.ts';
import { startWorkerProcess } from '../../support/worker-process.ts';

it('connects a request to the gateway with the call to the provider, across three processes', async () => {
  const server = await startOwnServer();
  const collector = await startTraceCollector();
  const stack = await startStack({ address: server.address, withoutWorker: true });
  const [{ id, key }] = keys;
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const worker = await startWorkerProcess(stack.sfox, server.address, traced);
  const gateway = await startProcess('gateway', {
    ...traced,
    TEMPORAL_ADDRESS: server.address,
    SFOX_BASE_URL: stack.sfox.url,
    ONWARD_ENCRYPTION_KEYS: `${id}:${Buffer.from(key).toString('base64')}`,
    ONWARD_TOKENS: `app:test:${bearers.app}`,
    ONWARD_WEBHOOK_SECRETS: webhookSecret,
  });
  try {
    const ada = uniqueUserId('ada');
    const reply = await fetch(`${gateway.url}/v1/users/${ada}/onboarding`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearers.app}`, 'content-type': 'application/json' },
      body: JSON.stringify({ accountType: 'individual' }),
    });
    expect(reply.status).toBe(201);
    await waitForPosition(stack, ada, 'emailPending.awaitingCode');
    // A process exports its remaining spans on shutdown.
    await Promise.all([gateway.stop(), worker.stop()]);
    const called = await waitUntil(
      () => collector.spans().find(({ name }) => name === 'sendCode'),
      'the span is exported',
    );
    const trace = collector.spans().filter(({ traceId }) => traceId === called.traceId);
    const parentOf = (span = called) => trace.find(({ spanId }) => spanId === span.parentSpanId);
    const start = parentOf();
    const request = parentOf(start);
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
