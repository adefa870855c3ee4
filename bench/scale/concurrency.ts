/**
 * Calls `work` for each item, with a limit of concurrent calls.
 *
 * @returns the total time in milliseconds
 */
export async function forEach<T>(
  items: readonly T[],
  parallel: number,
  work: (item: T) => Promise<unknown>,
): Promise<number> {
  const startedAt = performance.now();
  const left = items.values();
  const one = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: parallel }, one));
  return performance.now() - startedAt;
}

/** Calls `work` for one item after the other. Returns the time of each call in milliseconds. */
export async function timeEach<T>(items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (const item of items) {
    const startedAt = performance.now();
    await work(item);
    took.push(performance.now() - startedAt);
  }
  return took;
}
