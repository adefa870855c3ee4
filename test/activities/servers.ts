import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer } from 'node:net';
import type { Server as RawServer, Socket } from 'node:net';

const closers: (() => Promise<unknown>)[] = [];

/** Closes all servers started by this module, with their connections. */
export async function closeServers(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

/** Calls `close` when the servers are closed. */
export function closeLater(close: () => void): void {
  closers.push(async () => close());
}

/** Starts an HTTP server, and returns its base URL. */
export async function startServer(listener: RequestListener): Promise<string> {
  return `http://${await open(createServer(listener))}`;
}

/** Starts an HTTPS server, and returns its base URL. */
export async function startSecureServer(pair: { key: string; cert: string }, listener: RequestListener) {
  return `https://${await open(createSecureServer(pair, listener))}`;
}

/** Starts a TCP server, and returns its host and port. */
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

/** Returns a host and port that refuse connections. */
export async function findClosedAddress(): Promise<string> {
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
  if (at === null || typeof at === 'string') throw new Error('the server has no port');
  return `127.0.0.1:${at.port}`;
}

const closed = (server: RawServer) => new Promise((done) => server.close(done));
