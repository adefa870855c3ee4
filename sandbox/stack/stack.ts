import { Onward } from '../../client/onward.ts';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { startGateway } from './gateway.ts';
import type { StackOptions } from './options.ts';
import { lock } from './lock.ts';
import { saveGenerated, generateMissing, readGenerated } from './generated-secrets.ts';
import type { NewSecret } from './generated-secrets.ts';
import { encryptionKeysOf, startWorker, startProvider, startTemporalServer } from './components.ts';
import { waitUntilFree } from './ports.ts';
import type { RemoteSfox } from '../sfox/remote.ts';
import { Cleanup } from '../process/cleanup.ts';

/** All components of Onward: Temporal and the simulator in processes of their own, the others in this one. */
export interface Stack {
  readonly onward: Onward;
  /** Returns another facade, which starts journeys with the given policy. */
  readonly facade: (policy: Policy) => Onward;
  /** The simulator; `null` if a provider was given. */
  readonly sfox: RemoteSfox | null;
  /** The URL of the gateway; `null` if the options have no gateway. */
  readonly gatewayAddress: string | null;
  /** A link that logs an operator in to the console, once; `null` without an operator's token. */
  readonly loginLink: string | null;
  /** The URL of Temporal's Web UI; `null` if the server was given. */
  readonly uiAddress: string | null;
  /** The host and port of the Temporal server. */
  readonly temporalAddress: string;
  /** The URL of the webhook receiver; `null` without one. */
  readonly statusUrl: string | null;
  /** The secrets that this start generated. */
  readonly newSecrets: readonly NewSecret[];
  /** The names of the generated secrets, of this start or an earlier one. */
  readonly generatedNames: readonly NewSecret['name'][];
  /** Stops the components in reverse order of their start. The worker completes its activities first. */
  close(): Promise<void>;
}

/** Starts all components. If one fails, stops those already started and throws its error. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cleanup = new Cleanup();
  try {
    return await build(options, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function build(options: StackOptions, cleanup: Cleanup): Promise<Stack> {
  const { folder, settings, receiver, taskQueue = TASK_QUEUE } = options;
  const { made, fresh } = await prepareFolder(options, cleanup);
  const server = await startTemporalServer(options, made.ports, cleanup);
  const { sfox, provider, ports } = await startProvider(options, made, cleanup);
  await saveGenerated(folder, { ...made, ports: { ...made.ports, ...server.ports, ...ports } });
  const keys = encryptionKeysOf(options, made);
  const client = await startWorker({ options, connect: server.connect, provider, keys, taskQueue }, cleanup);
  const facade = (policy: Policy) =>
    new Onward({
      client,
      taskQueue,
      ...settings,
      policy,
      provider: provider.id,
      notifyReceiver: receiver !== undefined,
    });
  const { uiAddress } = server;
  const onward = facade(settings.policy);
  const before = { ...made, ports: { ...made.ports, ...server.ports, ...ports } };
  const gateway = await startGateway(options, { onward, client, keys, made: before, uiAddress }, cleanup);
  const temporalAddress = server.connect.connectionOptions.address ?? 'localhost:7233';
  const statusUrl = receiver?.url ?? null;
  const { address: gatewayAddress = null, loginLink = null } = gateway ?? {};
  const addresses = { gatewayAddress, loginLink, uiAddress, temporalAddress, statusUrl };
  return {
    onward,
    facade,
    sfox,
    ...addresses,
    newSecrets: fresh,
    generatedNames: wantedOf(options),
    close: () => cleanup.run(),
  };
}

/** Locks the folder and generates the missing secrets. */
async function prepareFolder(options: StackOptions, cleanup: Cleanup) {
  const { folder } = options;
  const { wasTakenOver: takenOver, release } = await lock(folder);
  cleanup.add(release);
  const { made, fresh } = generateMissing(await readGenerated(folder), wantedOf(options));
  // Saved before the first use: data that a lost key encrypted is lost.
  await saveGenerated(folder, made);
  // After a crash, the Temporal server takes a few seconds to exit, and has the database open until then.
  if (takenOver && made.ports.temporal !== undefined) await waitUntilFree(made.ports.temporal);
  return { made, fresh };
}

/** Returns the names of the secrets to generate. */
function wantedOf({ encryptionKeys, provider, apiKey, gateway }: StackOptions): NewSecret['name'][] {
  return [
    ...(encryptionKeys === undefined ? (['ONWARD_ENCRYPTION_KEYS'] as const) : []),
    ...(provider === undefined && apiKey === undefined ? (['ENTERPRISE_API_KEY'] as const) : []),
    ...(gateway !== undefined && gateway.tokens === undefined ? (['ONWARD_TOKENS'] as const) : []),
    ...(gateway !== undefined && gateway.webhookSecrets === undefined ? (['ONWARD_WEBHOOK_SECRETS'] as const) : []),
    ...(gateway !== undefined && gateway.receiptKeys === undefined ? (['ONWARD_RECEIPT_KEYS'] as const) : []),
  ];
}
