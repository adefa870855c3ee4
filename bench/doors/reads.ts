import { cpuOf } from '../stand/cost.ts';
import { pathOf } from '../stand/gateway.ts';
import type { Gateway } from '../stand/gateway.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';

/** What it costs to read a status that has not changed; CPU in milliseconds a read. */
export interface Reads {
  readonly worker: number;
  readonly gateway: number;
  readonly server: number;
  readonly took: Times;
}

/** Reads the statuses of some users again and again, as many of them at a time. */
export async function reads(
  gateway: Gateway,
  pids: { readonly worker: number; readonly server: number },
  users: readonly string[],
  rounds: number,
): Promise<Reads> {
  const all = [pids.worker, gateway.process.pid, pids.server];
  const took: number[] = [];
  const before = await Promise.all(all.map(cpuOf));
  await Promise.all(
    users.map(async (userId) => {
      for (let round = 0; round < rounds; round += 1) {
        const began = performance.now();
        await gateway.call('GET', pathOf(userId));
        took.push(performance.now() - began);
      }
    }),
  );
  const after = await Promise.all(all.map(cpuOf));
  const [worker = 0, ofGateway = 0, server = 0] = after.map((used, nth) => (used - (before[nth] ?? 0)) / took.length);
  return { worker, gateway: ofGateway, server, took: times(took) };
}
