import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { percentilesOf } from './numbers.ts';
import type { Times } from './numbers.ts';
import { isVerified } from './provider.ts';
import type { Provider } from './provider.ts';

const INTERVAL_MS = 100;

/** A sign-up with no other user at the same time. Times are in fractional milliseconds since 1970. */
export interface SingleStart {
  readonly userId: string;
  readonly startedAt: number;
  /** When the request reached the provider. */
  readonly arrivedAt: number;
}

/** Returns percentiles of the time until the request reached the provider. */
export const timesOf = (starts: readonly SingleStart[]): Times =>
  percentilesOf(starts.map(({ startedAt, arrivedAt }) => arrivedAt - startedAt));

/** Starts one journey after the other, and waits until each has sent its request to the provider. */
export async function startOneByOne(
  provider: Provider,
  count: number,
  start: (userId: string) => Promise<unknown>,
): Promise<SingleStart[]> {
  const starts: SingleStart[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const userId = unverifiedUserId();
    const arrivedAt = new Promise<number>((done) => {
      const stop = provider.onRequest((request) => {
        if (request.userId !== userId) return;
        stop();
        done(request.at);
      });
    });
    const startedAt = performance.timeOrigin + performance.now();
    await start(userId);
    starts.push({ userId, startedAt, arrivedAt: await arrivedAt });
    await pause(INTERVAL_MS);
  }
  return starts;
}

/** Returns the id of a user whose e-mail is not verified yet. */
export function unverifiedUserId(): string {
  for (;;) {
    const userId = randomUUID();
    if (!isVerified(userId, 'email')) return userId;
  }
}
