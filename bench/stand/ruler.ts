import { createHash } from 'node:crypto';

const ROUNDS = 40;
const block = Buffer.alloc(1 << 20, 'onward');

/**
 * The same work each time: how long it takes tells how fast the machine is just now, and how much of it is ours.
 *
 * @returns milliseconds by the clock, and of CPU
 */
export function ruler(): { readonly wall: number; readonly cpu: number } {
  const [began, used] = [performance.now(), process.cpuUsage()];
  for (let round = 0; round < ROUNDS; round += 1) createHash('sha256').update(block).digest();
  const { user, system } = process.cpuUsage(used);
  return { wall: performance.now() - began, cpu: (user + system) / 1_000 };
}
