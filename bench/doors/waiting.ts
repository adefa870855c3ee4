import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf, memoryOf } from '../stand/cost.ts';
import { pathOf } from '../stand/gateway.ts';
import type { Answer, Gateway } from '../stand/gateway.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';

/** What callers cost who wait for news by long-poll. */
export interface Waiting {
  readonly callers: number;
  /** Of a core, by the gateway, while nothing happens. */
  readonly idle: number;
  /** Bytes of the gateway for each. */
  readonly memory: number;
  /** From a command to the answer of who waits for that user. */
  readonly woken: Times;
}

const WOKEN = 50;

/** Has callers wait for as many users, watches them do nothing for some seconds, then wakes some. */
export async function waiting(gateway: Gateway, users: readonly string[], seconds: number): Promise<Waiting> {
  const { pid } = gateway.process;
  const before = await memoryOf(pid);
  const waits: { readonly userId: string; readonly revision: number; readonly news: Promise<Answer> }[] = [];
  for (const userId of users) {
    const { revision } = await gateway.call('GET', pathOf(userId));
    const news = gateway.call('GET', pathOf(userId, `?after=${revision}&wait=60`));
    // Most still wait when it is over.
    news.catch(() => {});
    waits.push({ userId, revision, news });
  }
  while ((await gateway.process.ask<number>('watched')) < users.length) await pause(100);
  await pause(2_000);
  const memory = ((await memoryOf(pid)) - before) / users.length;
  const used = await cpuOf(pid);
  await pause(seconds * 1_000);
  const idle = ((await cpuOf(pid)) - used) / (seconds * 1_000);
  const took: number[] = [];
  // Those who came last: their wait is far from over by itself.
  for (const { userId, revision, news } of waits.slice(-WOKEN)) {
    const began = performance.now();
    const woken = news.then((status) => {
      if (status.revision === revision) throw new Error('a caller was answered before anything had happened');
      took.push(performance.now() - began);
    });
    await gateway.call('POST', pathOf(userId, '/pause'), { reason: 'measured' }, 'operator');
    await woken;
  }
  return { callers: users.length, idle, memory, woken: times(took) };
}
