import { randomInt } from 'node:crypto';
import { freePorts } from '../temporal/ports.ts';

/** Temporal's tables for SQL keep the port of a member as a signed number of two bytes. */
const HIGHEST = 2 ** 15;
const LOWEST = 20_000;

/** Ports of 127.0.0.1 that are free now and fit into those tables, all different. */
export async function lowPorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const [port] = await freePorts([randomInt(LOWEST, HIGHEST)]).catch(() => []);
    if (port !== undefined) ports.add(port);
  }
  return [...ports];
}
