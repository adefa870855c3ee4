import { Client, Connection, defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { cancelOnceClosed } from './closed.ts';
import { createDataConverter } from './data-converter.ts';
import type { EncryptionKey } from './encryption.ts';
import { traceClient } from './trace-header.ts';

/** A client for `Onward` on a connection: it speaks the journeys' data converter, and never queries a journey that has ended. */
export function createClient(
  connection: ConnectionLike,
  namespace: string,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): Client {
  return new Client({
    connection,
    namespace,
    dataConverter: createDataConverter(keys),
    workflow: { queryRejectCondition: 'NOT_OPEN' },
    interceptors: { workflow: [traceClient] },
  });
}

/** An outage of Temporal is told within a second or two: the SDK's ten tries take twenty, and a caller has given up by then. */
const interceptors = [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 4 })), cancelOnceClosed];

/** A client that connects with its first call, so that whoever looks for what is wrong can begin without a server. */
export function connectLater(
  settings: ClientConnectConfig,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): Client {
  return createClient(
    Connection.lazy({ interceptors, ...settings.connectionOptions }),
    settings.namespace ?? 'default',
    keys,
  );
}

/** Connects to Temporal. */
export async function connect(
  settings: ClientConnectConfig,
  keys: readonly [EncryptionKey, ...EncryptionKey[]],
): Promise<Client> {
  const connection = await Connection.connect({ interceptors, ...settings.connectionOptions });
  return createClient(connection, settings.namespace ?? 'default', keys);
}
