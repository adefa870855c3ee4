import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Runtime } from '@temporalio/worker';
import type { RuntimeOptions } from '@temporalio/worker';
import type { ProviderAttempt } from '../../activities/contract.ts';
import { DURATION_BOUNDS_MS } from '../../workflows/provider-health/contract.ts';

const MAX_BIND_ATTEMPTS = 3;

/** In seconds, from a user who has the code at hand to the end of a journey's life. The SDK's own buckets are for milliseconds. */
const JOURNEY_BUCKETS = [1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 21_600, 86_400, 259_200, 604_800];
const histogramBucketOverrides = {
  onward_time_in_state_seconds: JOURNEY_BUCKETS,
  onward_time_to_verified_seconds: JOURNEY_BUCKETS,
  onward_provider_request_seconds: DURATION_BOUNDS_MS.map((bound) => bound / 1_000),
};

/**
 * Installs the SDK's runtime with its Prometheus exporter on a free loopback port.
 *
 * @returns a function that reads the exporter's text
 */
export async function installRuntime(options: RuntimeOptions): Promise<() => Promise<string>> {
  for (let attempt = 1; ; attempt += 1) {
    const bindAddress = `127.0.0.1:${await freePort()}`;
    const metrics = { prometheus: { bindAddress, histogramBucketOverrides } };
    try {
      Runtime.install({ ...options, telemetryOptions: { ...options.telemetryOptions, metrics } });
      return () => readText(`http://${bindAddress}/metrics`);
    } catch (error) {
      // Another process may have taken the port in between.
      if (attempt === MAX_BIND_ATTEMPTS) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function readText(url: string): Promise<string> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  return reply.text();
}

/** Creates a counter of provider requests, exported beside the SDK's own metrics. */
export function createAttemptCounter(): (attempt: ProviderAttempt) => void {
  const description = 'Requests to the provider, by reply';
  const meter = Runtime.instance().metricMeter;
  const counter = meter.createCounter('onward_provider_replies_total', '', description);
  const seconds = meter.createHistogram(
    'onward_provider_request_seconds',
    'float',
    '',
    'Duration of requests to the provider',
  );
  return ({ call, channel, reply, duration }) => {
    counter.add(1, { call, channel, reply });
    if (duration !== undefined) seconds.record(duration / 1_000, { call });
  };
}
