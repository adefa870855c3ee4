import { randomInt } from 'node:crypto';
import { freePorts } from '../../../sandbox/process/free-ports.ts';

/** Temporal's SQL schema stores a cluster member's port as a signed 16-bit integer. */
const MAX_PORT_EXCLUSIVE = 2 ** 15;
const MIN_PORT = 20_000;

/** Returns distinct free ports of 127.0.0.1 that fit into that column. */
export async function freeLowPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const [port] = await freePorts([randomInt(MIN_PORT, MAX_PORT_EXCLUSIVE)]).catch(() => []);
    if (port !== undefined) ports.add(port);
  }
  return [...ports];
}
