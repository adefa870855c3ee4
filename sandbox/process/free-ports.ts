import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Returns distinct free ports of 127.0.0.1: the given port, or any for 0. Throws if a given port is in use. Another process may
 * still take one before it is used.
 */
export async function freePorts(wanted: readonly number[]): Promise<number[]> {
  const tries = await Promise.allSettled(wanted.map(listen));
  const servers = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const ports = servers.map(portOf);
  await Promise.all(servers.map(close));
  for (const one of tries) if (one.status === 'rejected') throw one.reason;
  return ports;
}

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: Error) => {
    throw new Error(`port ${port} of 127.0.0.1 is not available: ${cause.message}`, { cause });
  });
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the operating system assigned no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
