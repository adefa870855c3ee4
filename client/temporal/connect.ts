import { status } from '@grpc/grpc-js';
import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionLike, GrpcRetryOptions } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { CALL_TIMEOUT_MS, PATIENT_CALL_TIMEOUT_MS, withCallDeadlines } from './call-deadlines.ts';
import { cancelOnceClosed } from './grpc-interceptors.ts';
import { createDataConverter } from './data-converter.ts';
import type { EncryptionKey } from './encryption-codec.ts';
import { isInFlightStatus } from './grpc-codes.ts';
import { retryWhenQueryBufferFull } from './query-retry.ts';
import { traceClient } from '../telemetry/propagation.ts';

/**
 * Creates a client for `Onward` on a connection. It uses the data converter of journeys, never queries a closed journey and
 * gives every call a deadline.
 *
 * @param callTimeout milliseconds for a call whose caller sets no deadline
 */
export function createClient(
  connection: ConnectionLike,
  namespace: string,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
  callTimeout = PATIENT_CALL_TIMEOUT_MS,
): Client {
  return new Client({
    connection: withCallDeadlines(connection, callTimeout),
    namespace,
    dataConverter: createDataConverter(keys),
    workflow: { queryRejectCondition: 'NOT_OPEN' },
    interceptors: { workflow: [traceClient] },
  });
}

/** Wait before the first retry; it nearly doubles each time. Three retries fit into the deadline of a call. */
const FIRST_RETRY_MS = 100;
const FIRST_RETRY_WHEN_EXHAUSTED_MS = 250;

/**
 * Reports an outage of Temporal within one or two seconds. The SDK's default of ten attempts takes twenty seconds, and its wait
 * after RESOURCE_EXHAUSTED exceeds the deadline, which would then hide the cause.
 */
const retries = defaultGrpcRetryOptions({
  maxAttempts: 4,
  initialIntervalMs: ({ code }) =>
    code === status.RESOURCE_EXHAUSTED ? FIRST_RETRY_WHEN_EXHAUSTED_MS : FIRST_RETRY_MS,
});
/** Leaves the limit of updates in flight to the caller: a retry here would hide the cause. */
const retryableDecider: GrpcRetryOptions['retryableDecider'] = (attempt, failed) =>
  !isInFlightStatus(failed) && retries.retryableDecider(attempt, failed);
const interceptors = [
  makeGrpcRetryInterceptor({ ...retries, retryableDecider }),
  retryWhenQueryBufferFull,
  cancelOnceClosed,
];

/**
 * Creates a client that connects with its first call, so that a gateway or `doctor` can start without a server.
 *
 * @param callTimeout milliseconds for a call whose caller sets no deadline
 */
export function connectLater(
  settings: ClientConnectConfig,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
  callTimeout = CALL_TIMEOUT_MS,
): Client {
  const connection = Connection.lazy({ interceptors, ...settings.connectionOptions });
  return createClient(connection, settings.namespace ?? 'default', keys, callTimeout);
}

/**
 * Connects to Temporal.
 *
 * @param callTimeout milliseconds for a call whose caller sets no deadline
 */
export async function connect(
  settings: ClientConnectConfig,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
  callTimeout = PATIENT_CALL_TIMEOUT_MS,
): Promise<Client> {
  const connection = await Connection.connect({ interceptors, ...settings.connectionOptions });
  return createClient(connection, settings.namespace ?? 'default', keys, callTimeout);
}
