/**
 * Chance that repeats. Numbers are drawn by name, not from one running stream: what a user gets then depends on
 * the seed and on that user alone, however the requests of many users interleave.
 */

/** Takes a text, gives an unsigned 32-bit number (FNV-1a). */
export function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of Buffer.from(text)) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum >>> 0;
}

/** Takes a seed and the name of the draw, gives a number in [0, 1): one step of mulberry32. */
export function draw(seed: number, name: string): number {
  const start = (hash(`${seed}/${name}`) + 0x6d2b79f5) | 0;
  const mixed = Math.imul(start ^ (start >>> 15), start | 1);
  const again = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61));
  return ((again ^ (again >>> 14)) >>> 0) / 2 ** 32;
}

/** Takes a number in [0, 1) and a count, gives that many decimal digits, leading zeros kept. */
export function digits(fraction: number, count: number): string {
  return String(Math.floor(fraction * 10 ** count)).padStart(count, '0');
}
