import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer } from 'node:net';
import type { Server as RawServer, Socket } from 'node:net';

const closers: (() => Promise<unknown>)[] = [];

/** Ends every server that was started here, and whatever still hangs on it. */
export async function closeServers(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

/** Ends something else together with the servers. */
export function closeLater(close: () => void): void {
  closers.push(async () => close());
}

/** A provider that answers everything in one way; gives where it is. */
export async function startServer(listener: RequestListener): Promise<string> {
  return `http://${await open(createServer(listener))}`;
}

/** The same behind TLS. */
export async function startSecureServer(pair: { key: string; cert: string }, listener: RequestListener) {
  return `https://${await open(createSecureServer(pair, listener))}`;
}

/** A server below HTTP; gives its host and port. */
export async function startRawServer(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createRawServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  const at = await listen(server);
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    return closed(server);
  });
  return at;
}

/** Host and port on which nobody listens. */
export async function nobody(): Promise<string> {
  const server = createRawServer();
  const at = await listen(server);
  await closed(server);
  return at;
}

async function open(server: Server): Promise<string> {
  const at = await listen(server);
  closers.push(() => {
    const done = closed(server);
    server.closeAllConnections();
    return done;
  });
  return at;
}

async function listen(server: RawServer): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the server gave no port');
  return `127.0.0.1:${at.port}`;
}

const closed = (server: RawServer) => new Promise((done) => server.close(done));
