import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TooManyCommands, Unavailable } from '../../../client/errors.ts';
import { connectLater } from '../../../client/temporal/connect.ts';
import { grpc } from '../../../client/temporal/grpc-codes.ts';
import { translateError } from '../../../client/temporal/translate-errors.ts';
import { keys } from '../../support/stack.ts';

const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';
const bytes = (value: Buffer) => value;
const method = (name: string) => ({
  path: `${SERVICE}/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
});
const definition: ServiceDefinition = {
  getSystemInfo: method('GetSystemInfo'),
  describeNamespace: method('DescribeNamespace'),
};

/** What the server answers next. */
let answer = { code: 0, details: '' };
const implementation: UntypedServiceImplementation = {
  getSystemInfo: (_call: unknown, reply: (error: null, value: Buffer) => void) => reply(null, Buffer.alloc(0)),
  describeNamespace: (_call: unknown, reply: (error: object) => void) => reply(answer),
};

/** A gRPC server that fails as a Temporal server does, and the client that Onward uses. */
let server: Server;
let client: Client;
beforeAll(async () => {
  server = new Server();
  server.addService(definition, implementation);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = connectLater({ connectionOptions: { address: `127.0.0.1:${port}` } }, keys);
});
afterAll(async () => {
  await client?.connection.close();
  server?.forceShutdown();
});

async function errorOf(code: number, details: string): Promise<unknown> {
  answer = { code, details };
  return client.workflowService.describeNamespace({ namespace: 'default' }).then(
    () => undefined,
    (error: unknown) => error,
  );
}

const AGAIN = 'try again in a few seconds';
const FAILED = /^Temporal has failed to carry out the request; try again in a few seconds$/;

describe('an error of a Temporal server', () => {
  it.each([
    [
      grpc.NOT_FOUND,
      'Namespace default is not found.',
      /no namespace of the configured name; check TEMPORAL_NAMESPACE/,
    ],
    [grpc.RESOURCE_EXHAUSTED, 'grpc: received message larger than max (5 vs. 4)', /larger than Temporal accepts/],
    [grpc.RESOURCE_EXHAUSTED, 'namespace rate limit exceeded', /its rate limit is reached; try again/],
    [grpc.UNAVAILABLE, 'connection refused', /^Temporal cannot be reached/],
    [grpc.DEADLINE_EXCEEDED, 'context deadline exceeded', /^Temporal has not answered in time/],
    [grpc.PERMISSION_DENIED, 'Request unauthorized.', /refuses the credentials.*TEMPORAL_API_KEY/],
    [grpc.UNAUTHENTICATED, 'no token', /refuses the credentials.*TEMPORAL_API_KEY/],
    [
      grpc.INVALID_ARGUMENT,
      'invalid search attribute: OnboardingState',
      /lacks a search attribute; run `onward setup`/,
    ],
    [grpc.UNIMPLEMENTED, 'unknown method', /does not support a call that Onward needs/],
    [grpc.CANCELLED, 'cancelled', FAILED],
    [grpc.UNKNOWN, 'something', FAILED],
    [grpc.ABORTED, 'aborted', FAILED],
    [grpc.INTERNAL, 'internal', FAILED],
    [grpc.DATA_LOSS, 'lost', FAILED],
  ])('with code %i and "%s" is unavailable, and says why', async (code, details, message) => {
    const error = await errorOf(code, details);
    const translated = translateError(error);
    expect(translated).toBeInstanceOf(Unavailable);
    expect(translated).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(message),
      afterDeadline: false,
      cause: error,
    });
  });

  it('from a workflow whose task fails concerns this journey only', async () => {
    const error = await errorOf(grpc.FAILED_PRECONDITION, 'Workflow Task in failed state, unable to query');
    expect(translateError(error)).toMatchObject({
      code: 'unavailable',
      message: 'no worker can proceed with this journey at the moment; `onward doctor` reports why',
      isWorkflowTaskFailing: true,
    });
  });

  it('from a run that has reached its limit of updates names when to retry', async () => {
    const details = 'limit on the total number of distinct updates in this workflow has been reached';
    expect(translateError(await errorOf(grpc.FAILED_PRECONDITION, details))).toMatchObject({
      code: 'unavailable',
      message: `this journey has reached the update limit of its run; ${AGAIN}`,
      isWorkflowTaskFailing: true,
      retryAfter: 1,
    });
  });

  it.each([
    'limit on number of concurrent in-flight updates has been reached',
    'Workflow is busy.',
    'workflow is closing',
  ])('of too much work for one user is too many commands: %s', async (details) => {
    const translated = translateError(await errorOf(grpc.RESOURCE_EXHAUSTED, details));
    expect(translated).toBeInstanceOf(TooManyCommands);
    expect(translated).toMatchObject({ code: 'too_many_requests', retryAfter: 1 });
  });

  it.each([
    [grpc.NOT_FOUND, 'workflow not found for ID: onboarding:ada'],
    [grpc.INVALID_ARGUMENT, 'invalid page token'],
    [grpc.FAILED_PRECONDITION, 'something else'],
  ])('with code %i and "%s" is left to its caller', async (code, details) => {
    const error = await errorOf(code, details);
    expect(error).toBeInstanceOf(Error);
    expect(translateError(error)).toBe(error);
  });
});

it('translates an update whose reply does not come, and a namespace that the SDK misses', () => {
  const late = new WorkflowUpdateRPCTimeoutOrCancelledError('too late');
  expect(translateError(late)).toMatchObject({
    code: 'unavailable',
    message: 'no worker has answered in time; try again, under the same idempotency key',
    afterDeadline: true,
    cause: late,
  });
  const missing = new NamespaceNotFoundError('default');
  expect(translateError(missing)).toMatchObject({ code: 'unavailable', cause: missing });
});

it('translates an error that another one wraps, and no error of our own', async () => {
  const inner = await errorOf(grpc.UNAVAILABLE, 'connection refused');
  expect(translateError(new Error('failed to describe', { cause: inner }))).toBeInstanceOf(Unavailable);
  const own = new TypeError('a fault of our own');
  expect(translateError(own)).toBe(own);
});
