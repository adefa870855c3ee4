import { readCpuMs } from '../harness/cost.ts';
import { runJourneys } from '../harness/load.ts';
import type { System } from '../harness/load.ts';
import type { Provider } from '../harness/provider.ts';
import { measureMachineSpeed } from '../harness/machine-speed.ts';
import type { Server } from '../harness/server.ts';

/** One of the two compared systems. */
export interface Side {
  readonly name: string;
  readonly system: System;
  readonly workerPid: number;
}

/** The cost of a block of journeys; CPU in milliseconds a journey. */
export interface Block {
  readonly side: string;
  readonly rate: number;
  readonly server: number;
  readonly worker: number;
  readonly client: number;
  readonly total: number;
  /** Billed actions a journey. */
  readonly actions: number;
  /** Milliseconds of CPU of a fixed piece of work just before the block: the speed of the machine. */
  readonly ruler: number;
}

export interface Size {
  readonly journeys: number;
  readonly parallel: number;
}

/** Runs a block of journeys through one system, and reads the CPU time of each process. */
export async function runBlock(side: Side, server: Server, provider: Provider, size: Size): Promise<Block> {
  const pids = [server.pid, side.workerPid, process.pid];
  const measured = measureMachineSpeed();
  const before = await Promise.all(pids.map(readCpuMs));
  const wall = await runJourneys({ system: side.system, provider, ...size });
  const after = await Promise.all(pids.map(readCpuMs));
  const [ofServer = 0, worker = 0, client = 0] = after.map((used, nth) => (used - (before[nth] ?? 0)) / size.journeys);
  return {
    side: side.name,
    rate: (size.journeys * 1_000) / wall,
    server: ofServer,
    worker,
    client,
    total: ofServer + worker + client,
    actions: (await server.readBilledActions()) / size.journeys,
    ruler: measured,
  };
}
