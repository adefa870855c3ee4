import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { memoryOf } from '../stand/cost.ts';
import type { System } from '../stand/load.ts';
import { isVerified } from '../stand/provider.ts';
import type { Provider } from '../stand/provider.ts';
import { startWorker } from '../stand/worker.ts';
import type { WorkerGiven } from '../stand/worker.ts';

/** Bytes for each journey that is cached and waits for its user. */
export interface Idle {
  /** Of the worker's process, by the kernel. */
  readonly memory: number;
  /** Of its JavaScript heap, after collection. */
  readonly heap: number;
}

export interface Waiting {
  readonly given: WorkerGiven;
  readonly system: System;
  readonly provider: Provider;
}

const PARALLEL = 20;
/** The journey has noted its send by then, and set its alarm. */
const AT_REST = 2_000;

/** How much an idle journey takes, by how much a worker holds before and after some have come. */
export async function idle(
  waiting: Waiting,
  journeys: { readonly memory: number; readonly heap: number },
): Promise<Idle> {
  return {
    memory: await grown(waiting, journeys.memory, false, (pid) => memoryOf(pid)),
    heap: await heapOfIdle(waiting, journeys.heap),
  };
}

/** What an idle journey takes of the heap alone, in bytes. */
export function heapOfIdle(waiting: Waiting, journeys: number): Promise<number> {
  return grown(waiting, journeys, true, (_pid, ask) => ask('heap'));
}

async function grown(
  { given, system, provider }: Waiting,
  journeys: number,
  looksInside: boolean,
  size: (pid: number, ask: (name: string) => Promise<number>) => Promise<number>,
): Promise<number> {
  const worker = await startWorker(given, looksInside);
  try {
    const sizeNow = () => size(worker.pid, (name) => worker.ask<number>(name));
    // The first ones have the code compiled and the buffers made.
    await begin(system, provider, journeys / 4);
    const before = await sizeNow();
    await begin(system, provider, journeys);
    return ((await sizeNow()) - before) / journeys;
  } finally {
    await worker.kill();
  }
}

/** Begins journeys and waits until all of them wait for their users. */
export async function begin(system: System, provider: Provider, journeys: number): Promise<readonly string[]> {
  const users = someUsers(Math.round(journeys));
  const unsent = new Set(users);
  const stop = provider.hear(({ userId }) => unsent.delete(userId));
  for (let from = 0; from < users.length; from += PARALLEL) {
    await Promise.all(users.slice(from, from + PARALLEL).map((userId) => system.start(userId)));
  }
  while (unsent.size > 0) await pause(50);
  stop();
  await pause(AT_REST);
  return users;
}

/** Users whose e-mail is yet to be verified. */
export function someUsers(count: number): string[] {
  const users: string[] = [];
  while (users.length < count) {
    const userId = randomUUID();
    if (!isVerified(userId, 'email')) users.push(userId);
  }
  return users;
}
