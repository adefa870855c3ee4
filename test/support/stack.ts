import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Channel } from '../../activities/contract.ts';
import type { Caller } from '../../client/journeys/idempotent-update.ts';
import { Unavailable } from '../../client/errors.ts';
import { connect } from '../../client/temporal/connect.ts';
import type { EncryptionKey } from '../../client/temporal/encryption-codec.ts';
import { Onward } from '../../client/onward.ts';
import type { OnwardOptions } from '../../client/onward.ts';
import { startSfox } from '../../sandbox/sfox/index.ts';
import type { Sfox, SfoxOptions } from '../../sandbox/sfox/index.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { OnwardWorkerOptions } from '../../worker/create-worker.ts';
import { journeyId } from '../../workflows/contract.ts';
import { defaultPolicy } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { quiet } from './sdk-log.ts';

export { quiet };

export const app: Caller = { role: 'app', name: 'shop' };
export const operator: Caller = { role: 'operator', name: 'night' };

/** Always the same, so that stored histories can be read. */
export const keys: readonly [EncryptionKey, ...EncryptionKey[]] = [{ id: 'test', key: Buffer.alloc(32, 'onward') }];
export const bundlePath = resolve('dist/worker/workflow-bundle.js');

/** Waits between sends are what people feel; tests feel them only where they are about them. */
export const quickPolicy: Policy = {
  ...defaultPolicy,
  cooldowns: [0],
  retrySendFor: 0,
  unknownUserFor: 0,
};

export interface Stack {
  readonly onward: Onward;
  readonly sfox: Sfox;
  readonly client: Client;
  readonly taskQueue: string;
  /** Another facade on the same stack. */
  facade(options: Partial<OnwardOptions>): Onward;
  /** Starts another worker; gives what ends it. */
  startWorker(more?: Partial<OnwardWorkerOptions>): Promise<() => Promise<void>>;
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
  /** Default: one of its own. */
  readonly taskQueue?: string;
}

/** Long enough that a busy machine does not make a call to Temporal fail. */
const CALL_TIMEOUT_MS = 60_000;

/** Everything real: the run's Temporal server, a provider on a port of its own, a worker on a task queue of its own. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  quiet();
  const address = options.address ?? process.env['TEST_TEMPORAL_ADDRESS'];
  const taskQueue = options.taskQueue ?? `onboarding-${randomUUID()}`;
  const [sfox, client, native] = await Promise.all([
    startSfox(options.sfox),
    connect({ connectionOptions: { ...(address !== undefined && { address }) } }, keys, CALL_TIMEOUT_MS),
    NativeConnection.connect({ ...(address !== undefined && { address }) }),
  ]);
  const running = new Set<() => Promise<void>>();

  const startWorker = async (more: Partial<OnwardWorkerOptions> = {}) => {
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      encryptionKeys: keys,
      provider: { baseUrl: sfox.url, apiKey: sfox.apiKey },
      workflowBundle: { codePath: bundlePath },
      taskQueue,
      policy: options.policy ?? quickPolicy,
      rates: { sendsPerSecond: 100, checksPerSecond: 100 },
      ...options.worker,
      ...more,
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
      await Promise.all([native.close(), client.connection.close(), sfox.close()]);
    },
  };
}

/** A user id that no other test has; `labels` are the simulator's. */
export function uniqueUserId(name: string, labels = ''): string {
  return `${name}-${randomUUID().slice(0, 8)}${labels}`;
}

/**
 * Waits until a condition holds: checks less and less often, so that waiting takes no CPU from what it waits for. On a busy machine
 * Temporal may not answer in time; the condition is checked again then, as `Unavailable` says.
 */
export async function waitUntil<T>(
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  wait = 120_000,
): Promise<T> {
  const startedAt = Date.now();
  for (;;) {
    let unavailable: Unavailable | undefined;
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      unavailable = error;
    }
    const waited = Date.now() - startedAt;
    if (waited > wait) throw new Error(`waited in vain until ${what}`, { cause: unavailable });
    await new Promise((wake) => setTimeout(wake, Math.min(Math.max(15, waited / 5), 200)));
  }
}

/**
 * Waits until a user's journey is at this position: `smsPending.awaitingCode`, or `done`. It is asked once it has come to rest: the
 * SDK's core drops a task that meets a query at the eviction of an uncached run, and Temporal then repeats it after 10 s.
 */
export async function waitForPosition(
  { onward, client }: Pick<Stack, 'onward'> & Partial<Pick<Stack, 'client'>>,
  userId: string,
  place: string,
): Promise<Status> {
  let last = '';
  let queriedAt: number | undefined;
  return waitUntil(async () => {
    const known = await client?.workflow.getHandle(journeyId(userId)).describe();
    if (known !== undefined && (known.raw.pendingWorkflowTask != null || known.historyLength === queriedAt))
      return undefined;
    const status = await onward.status(userId);
    if (status.live) queriedAt = known?.historyLength;
    last = status.step === null ? status.state : `${status.state}.${status.step}`;
    return last === place && status;
  }, `${userId} is at ${place}`).catch((error: unknown) => {
    throw new Error(`${String(error)}, but it is at ${last}`);
  });
}

/** A user's status from the journey itself: on a busy machine a query may take longer than a caller waits. */
export function statusOf({ onward }: Pick<Stack, 'onward'>, userId: string): Promise<Status> {
  return waitUntil(async () => {
    const status = await onward.status(userId);
    return status.live && status;
  }, `${userId} answers`);
}

/** The timeline of a user; retried like `statusOf`. */
export function timelineOf({ onward }: Pick<Stack, 'onward'>, userId: string) {
  return waitUntil(() => onward.timeline(userId).catch(() => undefined), `${userId} has a timeline`);
}

/** The newest code that the provider has sent to a user. */
export async function newestCode({ sfox }: Pick<Stack, 'sfox'>, userId: string, channel: Channel): Promise<string> {
  const mails = await waitUntil(() => {
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
  await waitUntil(async () => (await handle.describe()).raw.pendingWorkflowTask == null, 'no task is pending');
  const { events } = await handle.fetchHistory();
  const all = events ?? [];
  const timedOut = new Set(
    all.flatMap(({ workflowTaskTimedOutEventAttributes: task, eventId }) =>
      task == null ? [] : [eventId, task.scheduledEventId, task.startedEventId].map(String),
    ),
  );
  return all.filter(({ eventId }) => !timedOut.has(String(eventId)));
}
