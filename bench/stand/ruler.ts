import { createHash } from 'node:crypto';

const ROUNDS = 40;
const block = Buffer.alloc(1 << 20, 'onward');

/** The same work each time, in milliseconds of CPU: it tells how fast the machine is just now. */
export function ruler(): number {
  const used = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) createHash('sha256').update(block).digest();
  const { user, system } = process.cpuUsage(used);
  return (user + system) / 1_000;
}
