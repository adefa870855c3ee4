import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Runtime } from '@temporalio/worker';
import type { RuntimeOptions } from '@temporalio/worker';
import type { Tried } from '../activities/kind.ts';

const TRIES = 3;

/**
 * Installs the SDK's runtime with its Prometheus exporter, which binds a port of its own: a free one of loopback.
 *
 * @returns reads what the exporter serves, as text
 */
export async function installRuntime(options: RuntimeOptions): Promise<() => Promise<string>> {
  for (let tries = 1; ; tries += 1) {
    const bindAddress = `127.0.0.1:${await freePort()}`;
    const metrics = { prometheus: { bindAddress } };
    try {
      Runtime.install({ ...options, telemetryOptions: { ...options.telemetryOptions, metrics } });
      return () => readText(`http://${bindAddress}/metrics`);
    } catch (error) {
      // Another process may have taken the port in between.
      if (tries === TRIES) throw error;
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

/** Counts the tries at the provider beside the SDK's own metrics, where the runtime exports any. */
export function countTries(): (tried: Tried) => void {
  const description = 'Replies of the provider, one for each try';
  const counter = Runtime.instance().metricMeter.createCounter('onward_provider_replies_total', '', description);
  return (tried) => counter.add(1, { ...tried });
}
