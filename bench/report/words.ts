import type { Spread, Times } from '../stand/numbers.ts';

/** How figures are written. */

export const rounded = (value: number, digits = 1) => value.toFixed(digits);
export const whole = (value: number) => Math.round(value).toLocaleString('en-US');
export const ms = (value: number) => (value < 10 ? rounded(value) : whole(value));
export const kilobytes = (bytes: number) => `${rounded(bytes / 1_000)} KB`;
export const megabytes = (bytes: number) => `${whole(bytes / 1e6)} MB`;
/** Of milliseconds. */
export const seconds = (value: number) => `${rounded(value / 1_000)} s`;

/** `0.92 (0.90–0.95)`: the median, and from the least to the most. */
export const ranged = ({ median, least, most }: Spread, digits = 2) =>
  `${rounded(median, digits)} (${rounded(least, digits)}–${rounded(most, digits)})`;

/** p50, p95 and p99 as cells. */
export const timesIn = ({ p50, p95, p99, count }: Times) => [ms(p50), ms(p95), ms(p99), String(count)];
