import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { times } from './numbers.ts';
import type { Times } from './numbers.ts';
import { isVerified } from './provider.ts';
import type { Provider } from './provider.ts';

const BETWEEN = 100;

/** How long one start after the other takes to reach the provider, with nothing else going on. */
export async function loneStarts(
  provider: Provider,
  count: number,
  start: (userId: string) => Promise<unknown>,
): Promise<Times> {
  const took: number[] = [];
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
    took.push((await arrived) - began);
    await pause(BETWEEN);
  }
  return times(took);
}

/** A user whose e-mail is yet to be verified. */
export function someone(): string {
  for (;;) {
    const userId = randomUUID();
    if (!isVerified(userId, 'email')) return userId;
  }
}
