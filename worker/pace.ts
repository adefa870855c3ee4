import { setTimeout as sleep } from 'node:timers/promises';

const SECOND = 1_000;

export interface Paced<T, R> {
  readonly perSecond: number;
  readonly call: (item: T) => Promise<R>;
  /** Looked at before each call. */
  readonly goOn: (answered: readonly R[]) => boolean;
}

/**
 * Calls with one item after the other, evenly over time and without waiting for answers, and keeps the time of the last one
 * as well, so that the next lot follows at the same pace. What a busy machine is late with is not made up for.
 *
 * @returns the answers to the calls that were made, in their order
 */
export async function paced<T, R>(items: readonly T[], { perSecond, call, goOn }: Paced<T, R>): Promise<R[]> {
  const calls: Promise<R>[] = [];
  const answered: R[] = [];
  let failed = false;
  for (const item of items) {
    if (failed || !goOn(answered)) break;
    const made = call(item);
    made.then(
      (answer) => answered.push(answer),
      () => {
        failed = true;
      },
    );
    calls.push(made);
    // A worker that is closing does not wait for the pace.
    await sleep(SECOND / perSecond, undefined, { ref: false });
  }
  return Promise.all(calls);
}
