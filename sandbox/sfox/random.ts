/**
 * Reproducible random numbers. Each number has a name instead of a position in a stream, so that it depends only on the seed and
 * the user, in any order of the requests of several users.
 */

/** Returns the FNV-1a hash of a text, an unsigned 32-bit number. */
export function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

/** Returns the number in [0, 1) of this seed and name: one step of mulberry32. */
export function draw(seed: number, name: string): number {
  const start = (hash(`${seed}/${name}`) + 0x6d2b79f5) | 0;
  const mixed = Math.imul(start ^ (start >>> 15), start | 1);
  const again = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
  return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
}

/** Converts a number in [0, 1) into the given count of decimal digits, with leading zeros. */
export function digits(fraction: number, count: number): string {
  return String(Math.floor(fraction * 10 ** count)).padStart(count, '0');
}
