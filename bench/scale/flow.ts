import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { bundlePath } from '../../worker/bundle.ts';
import { cpuOf } from '../stand/cost.ts';
import { drive } from '../stand/load.ts';
import type { Provider } from '../stand/provider.ts';
import { startWorker } from '../stand/worker.ts';
import { ours } from '../twin/systems.ts';
import type { ScaledServer, Written } from './servers.ts';

/** What a journey costs that goes through, one among many. */
export interface Flow {
  readonly journeys: number;
  readonly perSecond: number;
  /** Milliseconds of CPU for each, in the worker and in Temporal's server. */
  readonly worker: number;
  readonly server: number;
  /** What the database writes for each, without what it writes while nothing happens; `null` where it does not count. */
  readonly written: Written | null;
}

const PARALLEL = 32;
/** How long nothing happens, to see what is written then. */
const IDLE = 10_000;

/** Brings users to verified, as many as possible at a time. */
export async function flow(server: ScaledServer, client: Client, provider: Provider, journeys: number): Promise<Flow> {
  const taskQueue = 'flow';
  const worker = await startWorker({ address: server.address, taskQueue, bundlePath, provider });
  const look = async () => ({ at: performance.now(), written: await server.written?.() });
  try {
    const system = ours(client, taskQueue);
    await drive({ system, provider, journeys: PARALLEL, parallel: PARALLEL });
    const idle = await look();
    if (idle.written !== undefined) await pause(IDLE);
    const before = await look();
    const used = () => Promise.all([worker.pid, server.pid].map(cpuOf));
    const cpu = await used();
    const took = await drive({ system, provider, journeys, parallel: PARALLEL });
    const [ofWorker = 0, ofServer = 0] = (await used()).map((now, nth) => (now - (cpu[nth] ?? 0)) / journeys);
    const after = await look();
    const written = writtenIn([idle, before, after], journeys);
    return { journeys, perSecond: (journeys * 1_000) / took, worker: ofWorker, server: ofServer, written };
  } finally {
    await worker.kill();
  }
}

interface Look {
  readonly at: number;
  readonly written: Written | undefined;
}

/** What was written for each journey after the second look, as much taken off as was written before it in the same time. */
export function writtenIn([idle, before, after]: readonly [Look, Look, Look], journeys: number): Written | null {
  const counts = [idle, before, after].map(({ written }) => written);
  const [first, second, third] = counts;
  if (first === undefined || second === undefined || third === undefined) return null;
  const longer = (after.at - before.at) / (before.at - idle.at);
  const each = (of: keyof Written) => (third[of] - second[of] - (second[of] - first[of]) * longer) / journeys;
  return { commits: each('commits'), rows: each('rows'), bytes: each('bytes') };
}
