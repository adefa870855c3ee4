/**
 * Does the same for each, some at a time, without waiting for the slowest of a handful.
 *
 * @returns how long it took in all, in milliseconds
 */
export async function forEach<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  const left = items.values();
  const one = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return performance.now() - began;
}

/** How long each takes, one after the other, in milliseconds. */
export async function timed<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (const item of items) {
    const began = performance.now();
    await work(item);
    took.push(performance.now() - began);
  }
  return took;
}
