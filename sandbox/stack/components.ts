import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import { connect } from '../../client/temporal/connect.ts';
import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';
import { encryptionKeys } from '../../client/config/env.ts';
import { setup } from '../../client/temporal/setup.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { GeneratedSecrets, Ports } from './generated-secrets.ts';
import { reusePort } from './ports.ts';
import { launchSimulator } from './simulator.ts';
import type { RemoteSfox } from '../sfox/remote.ts';
import type { SandboxProvider, StackOptions } from './options.ts';
import { startTemporal } from '../temporal/index.ts';
import type { StartTemporal, TemporalServer } from '../temporal/index.ts';
import type { Cleanup } from '../process/cleanup.ts';
import { supervise } from '../process/supervise.ts';
import type { RunningComponent } from '../process/supervise.ts';

/** The components of a stack. Each adds its cleanup to the given list. */

export interface Server {
  readonly connect: ClientConnectConfig;
  readonly uiAddress: string | null;
  readonly ports: Ports;
}

/** Returns the given Temporal server, or starts one with its database in the folder, and again whenever it ends. */
export async function startTemporalServer(
  { temporal, folder, say = () => {} }: StackOptions,
  before: Ports,
  cleanup: Cleanup,
): Promise<Server> {
  if ('given' in temporal) return { connect: temporal.given, uiAddress: null, ports: {} };
  const files = { ...temporal, dbFile: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log') };
  const { first, stop } = await supervise({
    name: 'Temporal',
    start: async () =>
      runTemporal({ ...files, port: await reusePort(before.temporal), uiPort: await reusePort(before.ui) }),
    // Everything else connects to the ports of the first start.
    restart: ({ ports }) => runTemporal({ ...files, port: ports.temporal, uiPort: ports.ui ?? false }),
    say,
  });
  cleanup.add(stop);
  const { address, uiAddress, ports } = first;
  return { connect: { connectionOptions: { address } }, uiAddress, ports };
}

async function runTemporal(
  options: StartTemporal,
): Promise<RunningComponent & TemporalServer & { readonly ports: Ports }> {
  const server = await startTemporal(options);
  const { address, uiAddress, exited } = server;
  const ended = new Promise<string>((resolve) => {
    exited.addEventListener('abort', () => resolve((exited.reason as Error).message));
  });
  const ports = { temporal: portOf(`tcp://${address}`), ...(uiAddress !== null && { ui: portOf(uiAddress) }) };
  return { ...server, ended, ports };
}

const portOf = (url: string) => Number(new URL(url).port);

/** The simulator's name in journeys. Its port may change between starts. */
const SIMULATOR = 'simulator';

/** Returns the given provider, or starts the simulator with its users in the folder. */
export async function startProvider(
  { provider, folder, apiKey, simulatorPath: path, say = () => {} }: StackOptions,
  made: GeneratedSecrets,
  cleanup: Cleanup,
): Promise<{ sfox: RemoteSfox | null; provider: SandboxProvider; ports: Ports }> {
  if (provider !== undefined) return { sfox: null, provider, ports: {} };
  const key = apiKey ?? made.apiKey;
  if (key === undefined) throw new Error('no key of the simulator was passed, and none was generated');
  const files = { path, apiKey: key, stateFile: join(folder, 'sfox.json'), logFile: join(folder, 'sfox.log') };
  const { first, stop } = await supervise({
    name: 'The sFOX simulator',
    start: async () => launchSimulator({ ...files, port: await reusePort(made.ports.sfox) }),
    // The worker and the user have the URL of the first start.
    restart: ({ port }) => launchSimulator({ ...files, port }),
    lost: 'it has its users and codes; an outage that was switched on is over',
    say,
  });
  cleanup.add(stop);
  const { sfox, port } = first;
  const settings = { baseUrl: sfox.url, apiKey: key, id: SIMULATOR, formerIds: [] };
  return { sfox, provider: settings, ports: { sfox: port } };
}

/** Returns the given keys, followed by a key that was generated earlier, so that its journeys stay readable. */
export function encryptionKeysOf(
  options: StackOptions,
  { encryptionKey }: GeneratedSecrets,
): [EncryptionKey, ...EncryptionKey[]] {
  const generatedKeys = encryptionKey === undefined ? [] : encryptionKeys({ ONWARD_ENCRYPTION_KEYS: encryptionKey });
  const [newest, ...older] = [...(options.encryptionKeys ?? []), ...generatedKeys];
  if (newest === undefined) throw new Error('no encryption key was passed, and none was generated');
  return [newest, ...older];
}

interface ComponentOptions {
  readonly options: StackOptions;
  readonly connect: ClientConnectConfig;
  readonly provider: SandboxProvider;
  readonly keys: readonly [EncryptionKey, ...EncryptionKey[]];
  readonly taskQueue: string;
}

/** Sets up the namespace, and starts a worker, and again whenever it fails. Returns a client. */
export async function startWorker(joining: ComponentOptions, cleanup: Cleanup): Promise<Client> {
  const { options, keys, taskQueue } = joining;
  const { connectionOptions } = joining.connect;
  const client = await connect(joining.connect, keys).catch((cause: Error) => {
    throw new Error(`no Temporal server answers at ${connectionOptions.address}: ${cause.message}`, { cause });
  });
  cleanup.add(() => client.connection.close());
  const { recovery, policy } = options.settings;
  await setup(client, { recovery, callTimeout: policy.callTimeout, taskQueue });
  const { say = () => {} } = options;
  const { stop } = await supervise({ name: 'The worker', start: () => runWorker(joining), say });
  cleanup.add(stop);
  return client;
}

async function runWorker({
  options,
  connect: { connectionOptions, namespace = 'default' },
  ...joining
}: ComponentOptions) {
  const { provider, keys, taskQueue } = joining;
  const { rates, sendBudget } = options.settings;
  const connection = await NativeConnection.connect(connectionOptions);
  const worker = await createWorker({
    connection,
    namespace,
    encryptionKeys: keys,
    provider,
    providerId: provider.id,
    formerProviderIds: provider.formerIds,
    workflowBundle: { codePath: options.bundlePath },
    taskQueue,
    rates,
    sendBudget,
    receiver: options.receiver,
  });
  const running = worker.run();
  const ended = running.then(
    () => 'it has stopped',
    (error: Error) => error.message,
  );
  const stop = async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  };
  return { ended, stop };
}
