import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { OnwardWorkerOptions } from '../worker/create-worker.ts';
import type { EncryptionKey } from '../client/encryption.ts';
import type { ProviderSettings } from '../client/environment.ts';
import { Onward } from '../client/onward.ts';
import type { Settings } from '../client/settings.ts';
import { TASK_QUEUE } from '../workflows/contract.ts';
import type { Policy } from '../workflows/policy.ts';
import { openDoor } from './door.ts';
import type { DoorOptions } from './door.ts';
import { lock } from './lock.ts';
import { keepMade, makeMissing, readMade } from './made.ts';
import type { Fresh } from './made.ts';
import { keysOf, meet, provide, serve } from './parts.ts';
import { untilFree } from './ports.ts';
import type { Sfox } from './sfox/index.ts';
import { Undo } from './undo.ts';

export interface StackOptions {
  /** What outlives a restart is kept here. It is one stack's at a time. */
  readonly folder: string;
  /** How to reach a server that runs already, or what to run. */
  readonly temporal:
    { readonly given: ClientConnectConfig } | { readonly binary: string; readonly composeFile: string };
  /** The workflow bundle that the build has made. */
  readonly bundlePath: string;
  readonly settings: Settings;
  /** The provider; the simulator where there is none. */
  readonly provider?: ProviderSettings | undefined;
  /** The simulator's key; one is made where there is none. */
  readonly apiKey?: string | undefined;
  /** Newest first; one is made where there is none. */
  readonly encryptionKeys?: readonly EncryptionKey[] | undefined;
  readonly taskQueue?: string | undefined;
  /** Where changes of status are told. */
  readonly receiver?: OnwardWorkerOptions['receiver'];
  /** How the gateway is opened; without it there is none. */
  readonly gateway?: DoorOptions | undefined;
}

/** The whole of Onward, in one process. */
export interface Stack {
  readonly onward: Onward;
  /** Another facade, whose new journeys get another policy. */
  readonly facade: (policy: Policy) => Onward;
  /** The simulator; `null` where a provider was given. */
  readonly sfox: Sfox | null;
  /** Where the gateway is; `null` where none was asked for. */
  readonly gatewayAddress: string | null;
  /** Temporal's own pages; `null` where the server was given. */
  readonly uiAddress: string | null;
  /** The secrets that this start has made. */
  readonly fresh: readonly Fresh[];
  /** Resolves when the worker has ended, rejects when it failed. */
  readonly ended: Promise<void>;
  /** Lets the worker finish what is in flight, then ends everything in order. */
  close(): Promise<void>;
}

/** Starts everything. What was started is taken down again when something after it fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const undo = new Undo();
  try {
    return await build(options, undo);
  } catch (error) {
    await undo.all();
    throw error;
  }
}

async function build(options: StackOptions, undo: Undo): Promise<Stack> {
  const { folder, settings, receiver, taskQueue = TASK_QUEUE } = options;
  const { made, fresh } = await own(options, undo);
  const server = await serve(options, made.ports, undo);
  const { sfox, provider, ports } = await provide(options, made, undo);
  await keepMade(folder, { ...made, ports: { ...made.ports, ...server.ports, ...ports } });
  const keys = keysOf(options, made);
  const { client, ended } = await meet({ options, connect: server.connect, provider, keys, taskQueue }, undo);
  const facade = (policy: Policy) => new Onward({ client, taskQueue, policy, tellsStatus: receiver !== undefined });
  const { uiAddress } = server;
  const onward = facade(settings.policy);
  const before = { ...made, ports: { ...made.ports, ...server.ports, ...ports } };
  const gatewayAddress = await openDoor(options, { onward, client, keys, made: before, uiAddress }, undo);
  return { onward, facade, sfox, gatewayAddress, uiAddress, fresh, ended, close: () => undo.all() };
}

/** Takes the folder, and makes what is missing there. */
async function own({ folder, encryptionKeys, provider, apiKey, gateway }: StackOptions, undo: Undo) {
  const { takenOver, release } = await lock(folder);
  undo.add(release);
  const { made, fresh } = makeMissing(await readMade(folder), [
    ...(encryptionKeys === undefined ? (['ONWARD_ENCRYPTION_KEYS'] as const) : []),
    ...(provider === undefined && apiKey === undefined ? (['ENTERPRISE_API_KEY'] as const) : []),
    ...(gateway !== undefined && gateway.tokens === undefined ? (['ONWARD_TOKENS'] as const) : []),
    ...(gateway !== undefined && gateway.webhookSecrets === undefined ? (['ONWARD_WEBHOOK_SECRETS'] as const) : []),
  ]);
  // Kept before its first use: what a lost key has encrypted is lost.
  await keepMade(folder, made);
  // The server of a process that was killed takes a few seconds to end, and has the database open until then.
  if (takenOver && made.ports.temporal !== undefined) await untilFree(made.ports.temporal);
  return { made, fresh };
}
