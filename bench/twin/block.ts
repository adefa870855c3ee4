import { cpuOf } from '../stand/cost.ts';
import { drive } from '../stand/load.ts';
import type { System } from '../stand/load.ts';
import type { Provider } from '../stand/provider.ts';
import { ruler } from '../stand/ruler.ts';
import type { Server } from '../stand/server.ts';

/** One of two that are compared. */
export interface Side {
  readonly name: string;
  readonly system: System;
  readonly workerPid: number;
}

/** What a block of journeys has cost; CPU in milliseconds a journey. */
export interface Block {
  readonly side: string;
  readonly rate: number;
  readonly server: number;
  readonly worker: number;
  readonly client: number;
  readonly total: number;
  /** Billed for one journey: more than on the other side where codes came before the journey knew of the send. */
  readonly actions: number;
  /** The machine just before it, by the ruler: milliseconds of CPU for the same work. */
  readonly ruler: number;
}

export interface Size {
  readonly journeys: number;
  readonly parallel: number;
}

/** Drives a block of journeys through one side, and reads from the kernel what each process has used. */
export async function block(side: Side, server: Server, provider: Provider, size: Size): Promise<Block> {
  const pids = [server.pid, side.workerPid, process.pid];
  const measured = ruler();
  const before = await Promise.all(pids.map(cpuOf));
  const wall = await drive({ system: side.system, provider, ...size });
  const after = await Promise.all(pids.map(cpuOf));
  const [ofServer = 0, worker = 0, client = 0] = after.map((used, nth) => (used - (before[nth] ?? 0)) / size.journeys);
  return {
    side: side.name,
    rate: (size.journeys * 1_000) / wall,
    server: ofServer,
    worker,
    client,
    total: ofServer + worker + client,
    actions: (await server.billed()) / size.journeys,
    ruler: measured,
  };
}
