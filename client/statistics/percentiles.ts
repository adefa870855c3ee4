/** The precision of a percentile: the result exceeds the exact value by this share at most. */
export const PRECISION = 0.02;

/**
 * Finds a percentile by counting: halves, on a logarithmic scale, the span in which it is.
 *
 * @param share from 0 to 1
 * @param countUpTo counts how many of all `count` values are at most `value`, in milliseconds
 * @returns milliseconds; `null` if there are no values
 */
export async function findPercentile(
  share: number,
  count: number,
  countUpTo: (value: number) => Promise<number>,
): Promise<number | null> {
  const rank = Math.ceil(share * count);
  if (rank === 0) return null;
  let [below, value] = [0, 100];
  while ((await countUpTo(value)) < rank) {
    if (value > MAX_MS) return null;
    [below, value] = [value, value * 16];
  }
  while (value > below * (1 + PRECISION) && value - below > 1) {
    const middle = Math.round(below === 0 ? value / 2 : Math.sqrt(below * value));
    if ((await countUpTo(middle)) < rank) below = middle;
    else value = middle;
  }
  return value;
}

/** Ten years, in milliseconds: no journey takes longer. */
const MAX_MS = 10 * 365 * 86_400_000;

/** Finds a percentile in counts by class; the upper bound of the class that has it. `null` without values; the last class has no bound. */
export function percentileOfClasses(
  share: number,
  counts: readonly number[],
  bounds: readonly number[],
): { readonly upTo: number | null } | null {
  const rank = Math.ceil(share * counts.reduce((sum, count) => sum + count, 0));
  if (rank === 0) return null;
  let sum = 0;
  const nth = counts.findIndex((count) => (sum += count) >= rank);
  return { upTo: bounds[nth] ?? null };
}
