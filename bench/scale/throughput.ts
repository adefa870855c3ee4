import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { bundlePath } from '../../worker/bundle.ts';
import { readCpuMs } from '../harness/cost.ts';
import { runJourneys } from '../harness/load.ts';
import type { Provider } from '../harness/provider.ts';
import { startWorker } from '../harness/worker.ts';
import { onwardSystem } from '../twin/systems.ts';
import type { ScaledServer, DatabaseWrites } from './servers.ts';

/** The cost of one journey among many concurrent ones. */
export interface Throughput {
  readonly journeys: number;
  readonly perSecond: number;
  /** Milliseconds of CPU a journey, in the worker and in Temporal's server. */
  readonly worker: number;
  readonly server: number;
  /** What the database writes for a journey, without what it writes while idle; `null` without statistics. */
  readonly written: DatabaseWrites | null;
}

const CONCURRENCY = 32;
/** Milliseconds of the measurement of what an idle server writes. */
const IDLE_MS = 10_000;

/** Measures completed journeys with 32 concurrent users. */
export async function measureThroughput(
  server: ScaledServer,
  client: Client,
  provider: Provider,
  journeys: number,
): Promise<Throughput> {
  const taskQueue = 'flow';
  const worker = await startWorker({ address: server.address, taskQueue, bundlePath, provider });
  const readStatistics = async () => ({ at: performance.now(), written: await server.written?.() });
  try {
    const system = onwardSystem(client, taskQueue);
    await runJourneys({ system, provider, journeys: CONCURRENCY, parallel: CONCURRENCY });
    const idle = await readStatistics();
    if (idle.written !== undefined) await pause(IDLE_MS);
    const before = await readStatistics();
    const used = () => Promise.all([worker.pid, server.pid].map(readCpuMs));
    const cpu = await used();
    const took = await runJourneys({ system, provider, journeys, parallel: CONCURRENCY });
    const [ofWorker = 0, ofServer = 0] = (await used()).map((now, nth) => (now - (cpu[nth] ?? 0)) / journeys);
    const after = await readStatistics();
    const written = subtractIdleWrites([idle, before, after], journeys);
    return { journeys, perSecond: (journeys * 1_000) / took, worker: ofWorker, server: ofServer, written };
  } finally {
    await worker.kill();
  }
}

interface StatisticsReading {
  readonly at: number;
  readonly written: DatabaseWrites | undefined;
}

/** Returns what was written for each journey between the second and the third reading, less what an idle server writes in that time. */
export function subtractIdleWrites(
  [idle, before, after]: readonly [StatisticsReading, StatisticsReading, StatisticsReading],
  journeys: number,
): DatabaseWrites | null {
  const counts = [idle, before, after].map(({ written }) => written);
  const [first, second, third] = counts;
  if (first === undefined || second === undefined || third === undefined) return null;
  const longer = (after.at - before.at) / (before.at - idle.at);
  const each = (of: keyof DatabaseWrites) => (third[of] - second[of] - (second[of] - first[of]) * longer) / journeys;
  return { commits: each('commits'), rows: each('rows'), bytes: each('bytes') };
}
