import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cachedFor } from '../../client/monitoring/cached.ts';

/** The health of the process. */
export interface HealthSource {
  /** Whether none of its workers has failed. */
  alive(): boolean;
  /** What prevents the process from working, in plain language; empty if nothing does. */
  readinessProblems(): Promise<readonly string[]>;
  /** Metrics in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** A request has no body and a small head. Node's default would let it take five minutes. */
const LIMITS = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const MAX_CONNECTIONS = 100;
/** The routes need no token, so each reply is computed at most once a second. */
const CACHE_MS = 1_000;

function withCache(health: HealthSource): HealthSource {
  return {
    alive: () => health.alive(),
    readinessProblems: cachedFor(CACHE_MS, () => health.readinessProblems()),
    metrics: cachedFor(CACHE_MS, () => health.metrics()),
  };
}

/**
 * Serves `/healthz` (liveness), `/readyz` (readiness) and `/metrics`. Returns the port that it listens on.
 *
 * @param port 0 for any free port
 */
export async function startHealthServer(
  host: string,
  port: number,
  health: HealthSource,
): Promise<{ readonly port: number; close(): void }> {
  const source = withCache(health);
  const server = createServer(LIMITS, ({ method, url = '/' }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    answer(source, url.replace(/\?.*/, ''), response).catch(() => {
      response.writeHead(500).end();
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => (server.close(), server.closeAllConnections()) };
}

async function answer(health: HealthSource, path: string, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/healthz':
      return sendHealth(response, health.alive() ? [] : ['a worker has failed']);
    case '/readyz':
      return sendHealth(response, await health.readinessProblems());
    case '/metrics': {
      const text = await health.metrics();
      return void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    }
    default:
      response.writeHead(404).end();
  }
}

function sendHealth(response: ServerResponse, obstacles: readonly string[]): void {
  const ok = obstacles.length === 0;
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok, obstacles }));
}
