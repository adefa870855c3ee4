/** The median of several runs, and their range. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly runs: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN, runs: sorted.length };
}

export interface Times {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly count: number;
}

/** Returns percentiles of times in milliseconds. */
export function percentilesOf(values: readonly number[]): Times {
  const sorted = values.toSorted((a, b) => a - b);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(sorted, share)) as [number, number, number];
  return { p50, p95, p99, count: sorted.length };
}

/** Returns the quantile. The median of an even number of values is the mean of the middle two. */
function quantile(sorted: readonly number[], share: number): number {
  const { length } = sorted;
  if (share === 0.5 && length % 2 === 0) return ((sorted[length / 2 - 1] ?? NaN) + (sorted[length / 2] ?? NaN)) / 2;
  return sorted[Math.ceil(length * share) - 1] ?? NaN;
}

/** Returns the events a second in the middle half of the timestamps (milliseconds), without a slow start and end. */
export function middleRate(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const [from, to] = [Math.floor(sorted.length / 4), Math.floor((sorted.length * 3) / 4)];
  return ((to - from) * 1_000) / ((sorted[to] ?? NaN) - (sorted[from] ?? NaN));
}
