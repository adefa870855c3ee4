import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Ports of 127.0.0.1 that are free now: the given one, or any where 0 is given, all different. Throws when a given one
 * is taken. Another process may still take one before it is used.
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
    throw new Error(`port ${port} of 127.0.0.1 cannot be had: ${cause.message}`, { cause });
  });
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
