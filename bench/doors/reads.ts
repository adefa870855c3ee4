import { cpuOf } from '../stand/cost.ts';
import { pathOf } from '../stand/gateway.ts';
import type { Gateway } from '../stand/gateway.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';
import type { Server } from '../stand/server.ts';

/** What it costs to read statuses that have not changed. */
export interface Reads {
  readonly many: Read;
  readonly alone: Read;
}

/** By some readers at a time; CPU in milliseconds a read. */
export interface Read {
  readonly readers: number;
  readonly reads: number;
  readonly seconds: number;
  /** Questions that were put to the worker for all of them. */
  readonly queries: number;
  readonly worker: number;
  readonly gateway: number;
  readonly server: number;
  readonly took: Times;
}

/** Has each reader read the status of one user again and again, and one reader as often as all of them. */
export async function reads(
  gateway: Gateway,
  worker: number,
  server: Server,
  users: readonly string[],
  rounds: number,
): Promise<Reads> {
  const parts = { gateway, pids: [worker, gateway.process.pid, server.pid], server };
  await read(parts, users, 1);
  const many = await read(parts, users, rounds);
  return { many, alone: await read(parts, users.slice(0, 1), rounds * users.length) };
}

interface Parts {
  readonly gateway: Gateway;
  readonly pids: readonly number[];
  readonly server: Server;
}

async function read({ gateway, pids, server }: Parts, users: readonly string[], rounds: number): Promise<Read> {
  const took: number[] = [];
  const asked = await server.queried();
  const before = await Promise.all(pids.map(cpuOf));
  const began = performance.now();
  await Promise.all(
    users.map(async (userId) => {
      for (let round = 0; round < rounds; round += 1) {
        const from = performance.now();
        await gateway.call('GET', pathOf(userId));
        took.push(performance.now() - from);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1_000;
  const after = await Promise.all(pids.map(cpuOf));
  const each = after.map((used, nth) => (used - (before[nth] ?? 0)) / took.length);
  const [worker = 0, ofGateway = 0, ofServer = 0] = each;
  const queries = (await server.queried()) - asked;
  const cpu = { worker, gateway: ofGateway, server: ofServer };
  return { readers: users.length, reads: took.length, seconds, queries, ...cpu, took: times(took) };
}
