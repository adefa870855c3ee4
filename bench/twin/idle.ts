import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readMemoryBytes } from '../harness/cost.ts';
import type { System } from '../harness/load.ts';
import { isVerified } from '../harness/provider.ts';
import type { Provider } from '../harness/provider.ts';
import { startWorker } from '../harness/worker.ts';
import type { WorkerOptions } from '../harness/worker.ts';

/** Bytes for each idle journey in the cache. */
export interface Idle {
  /** Resident memory of the worker's process. */
  readonly memory: number;
  /** JavaScript heap of the worker, after a garbage collection. */
  readonly heap: number;
}

export interface IdleOptions {
  readonly workerOptions: WorkerOptions;
  readonly system: System;
  readonly provider: Provider;
}

const CONCURRENCY = 20;
/** Milliseconds until a started journey has recorded its send and set its timer. */
const SETTLE_MS = 2_000;

/** Measures the memory of an idle journey: the difference before and after some were started. */
export async function measureIdle(
  options: IdleOptions,
  journeys: { readonly memory: number; readonly heap: number },
): Promise<Idle> {
  return {
    memory: await measureGrowth(options, journeys.memory, false, (pid) => readMemoryBytes(pid)),
    heap: await measureGrowth(options, journeys.heap, true, (_pid, request) => request('heap')),
  };
}

async function measureGrowth(
  { workerOptions, system, provider }: IdleOptions,
  journeys: number,
  debug: boolean,
  size: (pid: number, request: (name: string) => Promise<number>) => Promise<number>,
): Promise<number> {
  const worker = await startWorker(workerOptions, debug);
  try {
    const sizeNow = () => size(worker.pid, (name) => worker.request<number>(name));
    // The first journeys compile the code and allocate the buffers.
    await startIdleJourneys(system, provider, journeys / 4);
    const before = await sizeNow();
    await startIdleJourneys(system, provider, journeys);
    return ((await sizeNow()) - before) / journeys;
  } finally {
    await worker.kill();
  }
}

/** Starts journeys and waits until all of them are idle. Returns the user ids. */
export async function startIdleJourneys(
  system: System,
  provider: Provider,
  journeys: number,
): Promise<readonly string[]> {
  const users = unverifiedUserIds(Math.round(journeys));
  const unsent = new Set(users);
  const stop = provider.onRequest(({ userId }) => unsent.delete(userId));
  for (let from = 0; from < users.length; from += CONCURRENCY) {
    await Promise.all(users.slice(from, from + CONCURRENCY).map((userId) => system.start(userId)));
  }
  while (unsent.size > 0) await pause(50);
  stop();
  await pause(SETTLE_MS);
  return users;
}

/** Returns ids of users whose e-mail is not verified yet. */
export function unverifiedUserIds(count: number): string[] {
  const users: string[] = [];
  while (users.length < count) {
    const userId = randomUUID();
    if (!isVerified(userId, 'email')) users.push(userId);
  }
  return users;
}
