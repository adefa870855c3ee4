import { readCpuMs } from '../harness/cost.ts';
import { pathOf } from '../harness/gateway.ts';
import type { Gateway } from '../harness/gateway.ts';
import { percentilesOf } from '../harness/numbers.ts';
import type { Times } from '../harness/numbers.ts';
import type { Server } from '../harness/server.ts';

/** The cost of reading statuses that have not changed. */
export interface StatusReadCosts {
  readonly many: StatusReadCost;
  readonly alone: StatusReadCost;
}

/** The cost with a number of concurrent readers; CPU in milliseconds a read. */
export interface StatusReadCost {
  readonly readers: number;
  readonly reads: number;
  readonly seconds: number;
  /** Queries that the worker received for all reads. */
  readonly queries: number;
  readonly worker: number;
  readonly gateway: number;
  readonly server: number;
  readonly took: Times;
}

/** Measures concurrent readers that each read the status of one user repeatedly, then one reader with as many reads in total. */
export async function measureReads(
  gateway: Gateway,
  worker: number,
  server: Server,
  users: readonly string[],
  rounds: number,
): Promise<StatusReadCosts> {
  const parts = { gateway, pids: [worker, gateway.process.pid, server.pid], server };
  await read(parts, users, 1);
  const many = await read(parts, users, rounds);
  return { many, alone: await read(parts, users.slice(0, 1), rounds * users.length) };
}

interface Services {
  readonly gateway: Gateway;
  readonly pids: readonly number[];
  readonly server: Server;
}

async function read(
  { gateway, pids, server }: Services,
  users: readonly string[],
  rounds: number,
): Promise<StatusReadCost> {
  const took: number[] = [];
  const queriesBefore = await server.readQueries();
  const before = await Promise.all(pids.map(readCpuMs));
  const startedAt = performance.now();
  await Promise.all(
    users.map(async (userId) => {
      for (let round = 0; round < rounds; round += 1) {
        const from = performance.now();
        await gateway.call('GET', pathOf(userId));
        took.push(performance.now() - from);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await Promise.all(pids.map(readCpuMs));
  const each = after.map((used, nth) => (used - (before[nth] ?? 0)) / took.length);
  const [worker = 0, ofGateway = 0, ofServer = 0] = each;
  const queries = (await server.readQueries()) - queriesBefore;
  const cpu = { worker, gateway: ofGateway, server: ofServer };
  return { readers: users.length, reads: took.length, seconds, queries, ...cpu, took: percentilesOf(took) };
}
