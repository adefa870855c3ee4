import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { Cleanup } from '../../../sandbox/process/cleanup.ts';
import { draw } from '../../../sandbox/sfox/random.ts';
import { startSfox } from '../../../sandbox/sfox/index.ts';
import { startTemporal } from '../../../sandbox/temporal/index.ts';
import { Onward } from '../../../client/onward.ts';
import { connect } from '../../../client/temporal/connect.ts';
import type { EncryptionKey } from '../../../client/temporal/encryption-codec.ts';
import { createWorker } from '../../../worker/create-worker.ts';
import { TASK_QUEUE } from '../../../workflows/contract.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { faultyCalls, planFaults } from '../chaos/faults.ts';
import { findLostAttempts } from './lost-attempts.ts';
import { resumeDispatch, stopDispatch } from './provider-dispatch.ts';
import { liveThrough } from './simulated-user.ts';

export interface WorldOptions {
  readonly binary: string;
  readonly composeFile: string;
  readonly seed: number;
  readonly users: readonly string[];
  readonly policy: Policy;
  readonly concurrency: number;
}

/** A Temporal server, a simulator and a worker after all users have acted. */
export interface World {
  readonly client: Client;
  readonly onward: Onward;
  /** Users for which a request to the provider was lost, so that its replies are not the same as in another world. */
  readonly lost: ReadonlySet<string>;
}

const keys: readonly [EncryptionKey, ...EncryptionKey[]] = [{ id: 'chaos', key: Buffer.alloc(32, 'onward') }];
const bundlePath = resolve('dist/worker/workflow-bundle.js');
/** More than the users who act at the same time: with fewer, the SDK's core may stop to hand out tasks. Each new worker replays its journeys. */
const MAX_CACHED_WORKFLOWS = 200;
const RESTART_INTERVAL_MS = 20_000;
/** The longest delay of a timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Lets all users live through their journeys under a policy, and calls `work` then. The simulator's codes and faults, and what users do,
 * depend on the seed and the user id only. Workers are shut down and replaced all the time, with requests under way, but none is killed
 * or sent a request at that moment: the provider's replies would then not be the same in another world.
 */
export async function withWorld<T>(options: WorldOptions, work: (world: World) => Promise<T>): Promise<T> {
  const { binary, composeFile, seed, users, policy, concurrency } = options;
  const cleanup = new Cleanup();
  try {
    const server = await startTemporal({ binary, composeFile, uiPort: false });
    cleanup.add(() => server.stop());
    const sfox = await startSfox({ seed });
    cleanup.add(() => sfox.close());
    const client = await connect({ connectionOptions: { address: server.address } }, keys);
    cleanup.add(() => client.connection.close());
    const native = await NativeConnection.connect({ address: server.address });
    cleanup.add(() => native.close());
    const [calm, ended] = [new AbortController(), new AbortController()];
    // Each user listens.
    setMaxListeners(0, ended.signal);
    const workers = runWorkers({ client, native, sfox }, options, { calm: calm.signal, ended: ended.signal });
    cleanup.add(async () => {
      ended.abort();
      await workers;
    });
    const onward = new Onward({ client, policy });
    for (const userId of users)
      for (const call of faultyCalls) sfox.script(userId, call, planFaults(seed, userId, call));
    const left = users.values();
    const liveOneByOne = async () => {
      for (const userId of left) await liveThrough({ onward, sfox, seed, userId, ended: ended.signal });
    };
    await Promise.race([
      Promise.all(Array.from({ length: concurrency }, liveOneByOne)),
      // A worker that fails would leave all users waiting.
      workers.then(() => Promise.reject(new Error('the workers have ended'))),
    ]);
    calm.abort();
    return await work({ client, onward, lost: await findLostAttempts(client, sfox, users) });
  } finally {
    await cleanup.run();
  }
}

interface Processes {
  readonly client: Client;
  readonly native: NativeConnection;
  readonly sfox: { readonly url: string; readonly apiKey: string };
}

/** Runs one worker after the other, until all is calm: a query waits ten seconds for a worker that is gone. */
async function runWorkers(
  { client, native, sfox }: Processes,
  { policy, seed }: Pick<WorldOptions, 'policy' | 'seed'>,
  { calm, ended }: { readonly calm: AbortSignal; readonly ended: AbortSignal },
): Promise<void> {
  for (let nth = 0; !ended.aborted; nth += 1) {
    const worker = await createWorker({
      connection: native,
      namespace: 'default',
      encryptionKeys: keys,
      provider: { baseUrl: sfox.url, apiKey: sfox.apiKey },
      workflowBundle: { codePath: bundlePath },
      taskQueue: TASK_QUEUE,
      policy,
      rates: { sendsPerSecond: 1_000, checksPerSecond: 1_000 },
      maxCachedWorkflows: MAX_CACHED_WORKFLOWS,
    });
    const running = worker.run();
    const untilEnded = (ms: number) => pause(ms, undefined, { signal: ended }).catch(() => {});
    await Promise.race([untilEnded(RESTART_INTERVAL_MS * (0.5 + draw(seed, `restart/${nth}`))), running]);
    if (calm.aborted) await Promise.race([untilEnded(MAX_TIMER_MS), running]);
    await stopDispatch(client, TASK_QUEUE);
    worker.shutdown();
    await running;
    await resumeDispatch(client, TASK_QUEUE);
  }
}
