import { setTimeout as sleep } from 'node:timers/promises';

const SECOND = 1_000;

export interface RateLimitOptions<T, R> {
  readonly perSecond: number;
  readonly call: (item: T) => Promise<R>;
  /** Checked before each call. */
  readonly shouldContinue: (answered: readonly R[]) => boolean;
}

/**
 * Calls a function with each item at a fixed rate, without waiting for results. Also waits after the last call, so that the
 * next batch continues at the same rate. Calls that a busy machine delays are not caught up on.
 *
 * @returns the results of the calls that were made, in order
 */
export async function callAtRate<T, R>(
  items: readonly T[],
  { perSecond, call, shouldContinue }: RateLimitOptions<T, R>,
): Promise<R[]> {
  const calls: Promise<R>[] = [];
  const answered: R[] = [];
  let hasFailed = false;
  for (const item of items) {
    if (hasFailed || !shouldContinue(answered)) break;
    const result = call(item);
    result.then(
      (answer) => answered.push(answer),
      () => {
        hasFailed = true;
      },
    );
    calls.push(result);
    // A worker that shuts down does not wait for this timer.
    await sleep(SECOND / perSecond, undefined, { ref: false });
  }
  return Promise.all(calls);
}
