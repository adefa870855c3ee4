import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What can be told of the process. */
export interface Vitals {
  /** Whether none of its workers has failed. */
  alive(): boolean;
  /** What keeps it from its work, in plain words; nothing while it works. */
  obstacles(): Promise<readonly string[]>;
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
}

/**
 * Serves `/healthz` (is it alive?), `/readyz` (does it work?) and `/metrics`. Gives the port that it listens on.
 *
 * @param port 0 takes a free one
 */
export async function serveHealth(
  host: string,
  port: number,
  vitals: Vitals,
): Promise<{ readonly port: number; close(): void }> {
  const server = createServer(({ method, url = '/' }, response) => {
    if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
    answer(vitals, url.replace(/\?.*/, ''), response).catch(() => {
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function answer(vitals: Vitals, path: string, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/healthz':
      return tell(response, vitals.alive() ? [] : ['a worker has failed']);
    case '/readyz':
      return tell(response, await vitals.obstacles());
    case '/metrics': {
      const text = await vitals.metrics();
      return void response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
    }
    default:
      response.writeHead(404).end();
  }
}

function tell(response: ServerResponse, obstacles: readonly string[]): void {
  const ok = obstacles.length === 0;
  response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify({ ok, obstacles }));
}
