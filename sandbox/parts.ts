import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { connect } from '../client/connect.ts';
import type { EncryptionKey } from '../client/encryption.ts';
import { encryptionKeys } from '../client/environment.ts';
import type { ProviderSettings } from '../client/environment.ts';
import { setup } from '../client/setup.ts';
import { createWorker } from '../worker/create-worker.ts';
import type { Made, Ports } from './made.ts';
import { portAgain } from './ports.ts';
import { startSfox } from './sfox/index.ts';
import type { Sfox } from './sfox/index.ts';
import type { StackOptions } from './stack.ts';
import { startTemporal } from './temporal/index.ts';
import type { Undo } from './undo.ts';

/** The parts that a stack is put together from. Each says how it is taken down again. */

export interface Server {
  readonly connect: ClientConnectConfig;
  readonly uiAddress: string | null;
  readonly ports: Ports;
}

/** The Temporal server: the given one, or one of our own with its database in the folder. */
export async function serve({ temporal, folder }: StackOptions, before: Ports, undo: Undo): Promise<Server> {
  if ('given' in temporal) return { connect: temporal.given, uiAddress: null, ports: {} };
  const server = await startTemporal({
    ...temporal,
    port: await portAgain(before.temporal),
    uiPort: await portAgain(before.ui),
    dbFile: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
  });
  undo.add(() => server.stop());
  const { address, uiAddress } = server;
  const ports = { temporal: portOf(`tcp://${address}`), ...(uiAddress !== null && { ui: portOf(uiAddress) }) };
  return { connect: { connectionOptions: { address } }, uiAddress, ports };
}

const portOf = (url: string) => Number(new URL(url).port);

/** The provider: the given one, or the simulator with its users in the folder. */
export async function provide(
  { provider, folder, apiKey }: StackOptions,
  made: Made,
  undo: Undo,
): Promise<{ sfox: Sfox | null; provider: ProviderSettings; ports: Ports }> {
  if (provider !== undefined) return { sfox: null, provider, ports: {} };
  const key = apiKey ?? made.apiKey;
  const sfox = await startSfox({
    port: (await portAgain(made.ports.sfox)) ?? 0,
    stateFile: join(folder, 'sfox.json'),
    ...(key !== undefined && { apiKey: key }),
  });
  undo.add(() => sfox.close());
  return { sfox, provider: { baseUrl: sfox.url, apiKey: sfox.apiKey }, ports: { sfox: portOf(sfox.url) } };
}

/** The given keys, and behind them the one that was made before any was given: its journeys stay readable. */
export function keysOf(options: StackOptions, { encryptionKey }: Made): [EncryptionKey, ...EncryptionKey[]] {
  const made = encryptionKey === undefined ? [] : encryptionKeys({ ONWARD_ENCRYPTION_KEYS: encryptionKey });
  const [newest, ...older] = [...(options.encryptionKeys ?? []), ...made];
  if (newest === undefined) throw new Error('no encryption key was given, and none made');
  return [newest, ...older];
}

interface Joining {
  readonly options: StackOptions;
  readonly connect: ClientConnectConfig;
  readonly provider: ProviderSettings;
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly taskQueue: string;
}

/** A client and a worker where all parts meet, on a namespace that is made ready. */
export async function meet(joining: Joining, undo: Undo): Promise<{ client: Client; ended: Promise<void> }> {
  const { options, provider, keys, taskQueue } = joining;
  const { connectionOptions, namespace = 'default' } = joining.connect;
  const client = await connect(joining.connect, keys).catch((cause: Error) => {
    throw new Error(`no Temporal server answers at ${connectionOptions.address}: ${cause.message}`, { cause });
  });
  undo.add(() => client.connection.close());
  const { recovery, policy, rates } = options.settings;
  await setup(client, { recovery, callTimeout: policy.callTimeout, taskQueue });
  const connection = await NativeConnection.connect(connectionOptions);
  undo.add(() => connection.close());
  const worker = await createWorker({
    connection,
    namespace,
    encryptionKeys: keys,
    provider,
    workflowBundle: { codePath: options.bundlePath },
    taskQueue,
    rates,
    receiver: options.receiver,
  });
  const ended = worker.run();
  // Whoever waits for it hears of a failure; until then it must not end the process.
  ended.catch(() => {});
  undo.add(() => (worker.shutdown(), ended));
  return { client, ended };
}
