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
 * as well, so that the next lot follows at the same pace. Gives the answers to the calls that were made, in their order.
 */
export async function paced<T, R>(items: readonly T[], { perSecond, call, goOn }: Paced<T, R>): Promise<R[]> {
  const beganAt = Date.now();
  const turn = (nth: number) => sleep(Math.max(0, beganAt + (nth * SECOND) / perSecond - Date.now()));
  const calls: Promise<R>[] = [];
  const answered: R[] = [];
  for (const item of items) {
    await turn(calls.length);
    if (!goOn(answered)) break;
    const made = call(item);
    made.then(
      (answer) => answered.push(answer),
      () => {
        // What fails is thrown below, once the calls before it have been answered.
      },
    );
    calls.push(made);
  }
  if (calls.length === items.length) await turn(calls.length);
  return Promise.all(calls);
}
