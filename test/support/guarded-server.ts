import { once } from 'node:events';
import { connect, createServer } from 'node:http2';
import type { ClientHttp2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface GuardedServer {
  readonly address: string;
  close(): Promise<void>;
}

/** https://grpc.io/docs/guides/status-codes */
const PERMISSION_DENIED = '7';

/**
 * A way to a Temporal server past a guard, who passes everything on but these calls: as a server with an authorizer
 * answers a caller who may not do them.
 */
export async function startGuardedServer(address: string, forbidden: readonly string[]): Promise<GuardedServer> {
  const beyond = connect(`http://${address}`);
  await once(beyond, 'connect');
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const call = (headers[':path'] ?? '').split('/').at(-1) ?? '';
    if (forbidden.includes(call)) refuse(stream);
    else pass(stream, beyond, headers);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      beyond.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function refuse(stream: ServerHttp2Stream): void {
  const status = { 'grpc-status': PERMISSION_DENIED, 'grpc-message': 'Request unauthorized.' };
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
}

function pass(stream: ServerHttp2Stream, beyond: ClientHttp2Session, headers: object): void {
  const request = beyond.request({ ...headers });
  stream.pipe(request);
  request.on('response', (answer, flags) => {
    // NGHTTP2_FLAG_END_STREAM: a refusal comes as headers alone.
    const endStream = (flags & 1) === 1;
    stream.respond({ ...answer }, endStream ? { endStream } : { waitForTrailers: true });
    if (endStream) return;
    let trailers = {};
    request.on('trailers', (given) => (trailers = { ...given }));
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    request.pipe(stream);
  });
  stream.on('close', () => request.close());
  for (const one of [stream, request]) one.on('error', () => {});
}
