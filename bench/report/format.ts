import type { Spread, Times } from '../harness/numbers.ts';

export const rounded = (value: number, digits = 1) => value.toFixed(digits);
export const whole = (value: number) => Math.round(value).toLocaleString('en-US');
export const ms = (value: number) => (value < 10 ? rounded(value) : whole(value));
export const kilobytes = (bytes: number) => `${rounded(bytes / 1_000)} KB`;
export const megabytes = (bytes: number) => `${whole(bytes / 1e6)} MB`;
/** Formats milliseconds as seconds. */
export const seconds = (value: number) => `${rounded(value / 1_000)} s`;

/** Formats the median with the range, such as `0.92 (0.90–0.95)`. */
export const formatSpread = ({ median, least, most }: Spread, digits = 2) =>
  `${rounded(median, digits)} (${rounded(least, digits)}–${rounded(most, digits)})`;

/** Returns the table cells p50, p95, p99 and the number of measurements. */
export const timesIn = ({ p50, p95, p99, count }: Times) => [ms(p50), ms(p95), ms(p99), String(count)];
