import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves `/healthz` while the worker runs. Gives the port that it listens on. */
export async function serveHealth(host: string, port: number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/healthz' ? 200 : 404).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
