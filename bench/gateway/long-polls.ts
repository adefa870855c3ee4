import { setTimeout as pause } from 'node:timers/promises';
import { readCpuMs, readMemoryBytes } from '../harness/cost.ts';
import { pathOf } from '../harness/gateway.ts';
import type { StatusBody, Gateway } from '../harness/gateway.ts';
import { percentilesOf } from '../harness/numbers.ts';
import type { Times } from '../harness/numbers.ts';

/** The cost of open long-polls. */
export interface LongPollFigures {
  readonly callers: number;
  /** The share of a core that the gateway uses while no journey changes. */
  readonly idle: number;
  /** Bytes of the gateway for each long-poll. */
  readonly memory: number;
  /** Milliseconds from a command to the reply to the long-poll for that user. */
  readonly woken: Times;
}

const CHANGED_JOURNEYS = 50;

/** Opens a long-poll for each user, measures the idle gateway for some seconds, then changes some of the journeys. */
export async function measureLongPolls(
  gateway: Gateway,
  users: readonly string[],
  seconds: number,
): Promise<LongPollFigures> {
  const { pid } = gateway.process;
  const before = await readMemoryBytes(pid);
  const waits: { readonly userId: string; readonly revision: number; readonly news: Promise<StatusBody> }[] = [];
  for (const userId of users) {
    const { revision } = await gateway.call('GET', pathOf(userId));
    const news = gateway.call('GET', pathOf(userId, `?after=${revision}&wait=60`));
    // Most are still open when the gateway is stopped.
    news.catch(() => {});
    waits.push({ userId, revision, news });
  }
  while ((await gateway.process.request<number>('watched')) < users.length) await pause(100);
  await pause(2_000);
  const memory = ((await readMemoryBytes(pid)) - before) / users.length;
  const used = await readCpuMs(pid);
  await pause(seconds * 1_000);
  const idle = ((await readCpuMs(pid)) - used) / (seconds * 1_000);
  const took: number[] = [];
  // The newest long-polls: they do not time out during the measurement.
  for (const { userId, revision, news } of waits.slice(-CHANGED_JOURNEYS)) {
    const startedAt = performance.now();
    const woken = news.then((status) => {
      if (status.revision === revision) throw new Error('a long-poll was answered without a change of the status');
      took.push(performance.now() - startedAt);
    });
    await gateway.call('POST', pathOf(userId, '/pause'), { reason: 'measured' }, 'operator');
    await woken;
  }
  return { callers: users.length, idle, memory, woken: percentilesOf(took) };
}
