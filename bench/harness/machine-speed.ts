import { createHash } from 'node:crypto';

const ROUNDS = 40;
const block = Buffer.alloc(1 << 20, 'onward');

/** Measures the CPU time of a fixed piece of work, in milliseconds: it shows how fast the machine is at the moment. */
export function measureMachineSpeed(): number {
  const used = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) createHash('sha256').update(block).digest();
  const { user, system } = process.cpuUsage(used);
  return (user + system) / 1_000;
}
