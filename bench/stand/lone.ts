import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { times } from './numbers.ts';
import type { Times } from './numbers.ts';
import { isVerified } from './provider.ts';
import type { Provider } from './provider.ts';

const BETWEEN = 100;

/** A start that nothing else went on beside; times in milliseconds since 1970, with their fractions. */
export interface LoneStart {
  readonly userId: string;
  readonly began: number;
  /** When the provider was asked. */
  readonly arrived: number;
}

/** How long these took to reach the provider. */
export const timesOf = (starts: readonly LoneStart[]): Times =>
  times(starts.map(({ began, arrived }) => arrived - began));

/** Starts one after the other, and waits until each has reached the provider. */
export async function loneStarts(
  provider: Provider,
  count: number,
  start: (userId: string) => Promise<unknown>,
): Promise<LoneStart[]> {
  const starts: LoneStart[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const userId = someone();
    const arrived = new Promise<number>((done) => {
      const stop = provider.hear((asked) => {
        if (asked.userId !== userId) return;
        stop();
        done(asked.at);
      });
    });
    const began = performance.timeOrigin + performance.now();
    await start(userId);
    starts.push({ userId, began, arrived: await arrived });
    await pause(BETWEEN);
  }
  return starts;
}

/** A user whose e-mail is yet to be verified. */
export function someone(): string {
  for (;;) {
    const userId = randomUUID();
    if (!isVerified(userId, 'email')) return userId;
  }
}
