import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import { Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import type { Channel } from '../../activities/contract.ts';
import type { Caller } from '../../client/ask.ts';
import { createClient } from '../../client/connect.ts';
import type { EncryptionKey } from '../../client/encryption.ts';
import { Onward } from '../../client/onward.ts';
import type { OnwardOptions } from '../../client/onward.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Sfox, SfoxOptions } from '../../sandbox/sfox/index.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { OnwardWorkerOptions } from '../../worker/create-worker.ts';
import { journeyId } from '../../workflows/contract.ts';
import { defaultPolicy } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import type { Status } from '../../workflows/status.ts';

export const app: Caller = { role: 'app', name: 'shop' };
export const operator: Caller = { role: 'operator', name: 'night' };

/** Always the same, so that kept histories can be read. */
export const keys: readonly [EncryptionKey, ...EncryptionKey[]] = [{ id: 'test', key: Buffer.alloc(32, 'onward') }];
export const bundlePath = resolve('dist/worker/workflow-bundle.js');

/** Waits between sends are what people feel; tests feel them only where they are about them. */
export const quickPolicy: Policy = { ...defaultPolicy, cooldowns: [0], retrySendFor: 0, callTimeout: 1_500 };

/** For tests in which the provider is away: on a busy machine even its refusal may take a while, and silence would be another outcome. */
export const patientPolicy: Policy = { ...quickPolicy, callTimeout: 10_000 };

export interface Stack {
  readonly onward: Onward;
  readonly sfox: Sfox;
  readonly client: Client;
  readonly taskQueue: string;
  /** Another facade on the same stack. */
  facade(options: Partial<OnwardOptions>): Onward;
  /** Starts another worker; gives what ends it. */
  startWorker(): Promise<() => Promise<void>>;
  /** Ends every worker of the stack. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

export interface StackOptions {
  readonly policy?: Policy;
  readonly sfox?: SfoxOptions;
  readonly worker?: Partial<OnwardWorkerOptions>;
  readonly withoutWorker?: boolean;
  /** Options of the facade. */
  readonly onward?: Partial<OnwardOptions>;
  readonly address?: string;
  /** One of its own unless told. */
  readonly taskQueue?: string;
}

/** Everything real: the run's Temporal server, a provider on a port of its own, a worker on a task queue of its own. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  quiet();
  const address = options.address ?? process.env['TEST_TEMPORAL_ADDRESS'];
  const taskQueue = options.taskQueue ?? `onboarding-${randomUUID()}`;
  const [sfox, connection, native] = await Promise.all([
    startSfox(options.sfox),
    Connection.connect({ ...(address !== undefined && { address }) }),
    NativeConnection.connect({ ...(address !== undefined && { address }) }),
  ]);
  const client = createClient(connection, 'default', keys);
  const running = new Set<() => Promise<void>>();

  const startWorker = async () => {
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      encryptionKeys: keys,
      provider: { baseUrl: sfox.url, apiKey: sfox.apiKey },
      workflowBundle: { codePath: bundlePath },
      taskQueue,
      rates: { sendsPerSecond: 100, checksPerSecond: 100 },
      ...options.worker,
    });
    const run = worker.run();
    const stop = async () => {
      running.delete(stop);
      worker.shutdown();
      await run;
    };
    running.add(stop);
    return stop;
  };
  const facade = (more: Partial<OnwardOptions>) =>
    new Onward({ client, taskQueue, policy: options.policy ?? quickPolicy, ...options.onward, ...more });
  const stopWorkers = async () => void (await Promise.all([...running].map((stop) => stop())));
  if (options.withoutWorker !== true) await startWorker();
  return {
    onward: facade({}),
    sfox,
    client,
    taskQueue,
    facade,
    startWorker,
    stopWorkers,
    close: async () => {
      await stopWorkers();
      await Promise.all([native.close(), connection.close(), sfox.close()]);
    },
  };
}

let quieted = false;
/** The SDK's runtime is one for a process, and Jest's modules are one for a file. */
export function quiet(): void {
  if (quieted) return;
  quieted = true;
  try {
    Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  } catch {
    // Installed by a file before this one.
  }
}

/** A user id that no other test has; `labels` are the simulator's. */
export function user(name: string, labels = ''): string {
  return `${name}-${randomUUID().slice(0, 8)}${labels}`;
}

/** Waits until something is so, asking every 15 ms, for a minute unless told. */
export async function eventually<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  wait = 60_000,
): Promise<T> {
  const deadline = Date.now() + wait;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await new Promise((wake) => setTimeout(wake, 15));
  }
}

/**
 * Waits until a user's journey stands here: `smsPending.awaitingCode`, or `done`. It is asked once it has come to rest: the
 * SDK's core drops a task that meets a query at the eviction of an uncached run, and Temporal then repeats it after 10 s.
 */
export async function untilAt(
  { onward, client }: Pick<Stack, 'onward'> & Partial<Pick<Stack, 'client'>>,
  userId: string,
  place: string,
): Promise<Status> {
  let last = '';
  let asked: number | undefined;
  return eventually(async () => {
    const known = await client?.workflow.getHandle(journeyId(userId)).describe();
    if (known !== undefined && (known.raw.pendingWorkflowTask != null || known.historyLength === asked))
      return undefined;
    const status = await onward.status(userId);
    if (status.live) asked = known?.historyLength;
    last = status.step === null ? status.state : `${status.state}.${status.step}`;
    return last === place && status;
  }, `${userId} is at ${place}`).catch((error: unknown) => {
    throw new Error(`${String(error)}, but it is at ${last}`);
  });
}

/** A user's status as the journey itself tells it: on a busy machine a query may take longer than a caller is kept waiting. */
export function statusOf({ onward }: Pick<Stack, 'onward'>, userId: string): Promise<Status> {
  return eventually(async () => {
    const status = await onward.status(userId);
    return status.live && status;
  }, `${userId} answers`);
}

/** What happened to a user; asked again as `statusOf` is. */
export function timelineOf({ onward }: Pick<Stack, 'onward'>, userId: string) {
  return eventually(() => onward.timeline(userId).catch(() => undefined), `${userId} tells`);
}

/** The newest code that the provider has sent to a user. */
export async function newestCode({ sfox }: Pick<Stack, 'sfox'>, userId: string, channel: Channel): Promise<string> {
  const mails = await eventually(() => {
    const found = sfox.outbox(userId).filter((mail) => mail.channel === channel);
    return found.length > 0 && found;
  }, `${userId} has a code by ${channel}`);
  return mails.at(-1)?.code ?? '';
}

/** Reads the newest code as its owner would, and submits it. */
export async function enterCode(stack: Stack, userId: string, channel: Channel) {
  const code = await newestCode(stack, userId, channel);
  return stack.onward.submitCode(userId, { channel, code }, app);
}

/** Submits an e-mail code that is not the one that was sent. */
export async function guessWrong(stack: Stack, userId: string) {
  const code = await newestCode(stack, userId, 'email');
  return stack.onward.submitCode(userId, { channel: 'email', code: code === '0000' ? '1111' : '0000' }, app);
}

/** The provider's calls that a user's journey has made. */
export function callsOf({ sfox }: Pick<Stack, 'sfox'>, userId: string): string[] {
  return sfox
    .requests()
    .filter((request) => request.userId === userId)
    .map(({ call, channel, status }) =>
      [call, channel, status].filter((part) => part !== null && part !== undefined).join(' '),
    );
}

/** A journey's history, without the workflow tasks that timed out and were repeated: those are no doing of the journey. */
export async function historyOf({ client }: Pick<Stack, 'client'>, userId: string) {
  const handle = client.workflow.getHandle(journeyId(userId));
  // A query may be answered by a task whose completion is not written yet.
  await eventually(async () => (await handle.describe()).raw.pendingWorkflowTask == null, 'no task is pending');
  const { events } = await handle.fetchHistory();
  const all = events ?? [];
  const timedOut = new Set(
    all.flatMap(({ workflowTaskTimedOutEventAttributes: task, eventId }) =>
      task == null ? [] : [eventId, task.scheduledEventId, task.startedEventId].map(String),
    ),
  );
  return all.filter(({ eventId }) => !timedOut.has(String(eventId)));
}
