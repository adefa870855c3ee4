import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { isGrpcServiceError } from '@temporalio/client';
import { connectLater } from '../../../client/temporal/connect.ts';
import { keys } from '../../support/stack.ts';

const UNAVAILABLE = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14', 'grpc-message': 'away' };
const CANCELLED = 1;

let server: Http2Server;
beforeAll(async () => {
  server = createServer((_, response) => {
    response.stream.respond(UNAVAILABLE, { endStream: true });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());

it('cancels a call whose connection is closed before a retry', async () => {
  const { port } = server.address() as AddressInfo;
  const { connection, workflowService } = connectLater({ connectionOptions: { address: `127.0.0.1:${port}` } }, keys);
  const requested = once(server, 'request');
  const call = workflowService.getSystemInfo({}).catch((error: unknown) => error);
  await requested;
  await connection.close();
  const error = await call;
  expect(isGrpcServiceError(error) && error.code).toBe(CANCELLED);
});
