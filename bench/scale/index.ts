import type { Client } from '@temporalio/client';
import { connect } from '../../client/temporal/connect.ts';
import { MissingProgramError } from '../../test/system/production-server/programs.ts';
import { whole } from '../report/format.ts';
import { withCleanup } from '../harness/bench.ts';
import type { Run } from '../harness/bench.ts';
import { keys } from '../harness/keys.ts';
import { startProvider } from '../harness/provider.ts';
import { measureDrain } from './drain.ts';
import type { DrainFigures } from './drain.ts';
import { measureThroughput } from './throughput.ts';
import type { Throughput } from './throughput.ts';
import { measureIdle } from './idle.ts';
import type { Idle } from './idle.ts';
import { measureOpen } from './open.ts';
import type { OpenFigures } from './open.ts';
import type { ScaledServer, StartScaledServer } from './servers.ts';

/** The figures of one worker with many journeys. */
export interface WorkerFigures {
  readonly flow: Throughput;
  readonly idle: readonly Idle[];
}

/** The figures of a server with many journeys. */
export interface OpenServerFigures {
  readonly open: readonly OpenFigures[];
  /** `null` if there was no time for it. */
  readonly drain: DrainFigures | null;
}

/** `missing` says which program the machine lacks, and how to install it. */
export type ScaleResult<T> = T | { readonly missing: string };

const sizes = {
  full: { flow: 300, idle: [1_000, 10_000], open: [1_000, 10_000, 100_000], stalled: 5_000, rounds: 20 },
  quick: { flow: 40, idle: [200], open: [200, 1_000, 2_000], stalled: 200, rounds: 5 },
};
const sizesOf = ({ quick }: Run) => (quick ? sizes.quick : sizes.full);

/** Measures the throughput of one worker, then an increasing number of idle journeys in it. */
export const measureWorker = (start: StartScaledServer, run: Run): Promise<ScaleResult<WorkerFigures>> =>
  withScaledServer(start, run, async (server, client) => {
    const size = sizesOf(run);
    const provider = await startProvider();
    try {
      run.say(`  throughput of ${whole(size.flow)} journeys`);
      const through = await measureThroughput(server, client, provider, size.flow);
      const at = (count: number) => measureIdle(server, client, provider, count);
      const idle = await measureSizes(run, size.idle, 'idle journeys', at, (found) => ({ flow: through, idle: found }));
      return { flow: through, idle };
    } finally {
      await provider.close();
    }
  });

/** Measures an increasing number of open journeys on a server, then a recovery of some of them. */
export const measureServer = (start: StartScaledServer, run: Run): Promise<ScaleResult<OpenServerFigures>> =>
  withScaledServer(start, run, async (server, client) => {
    const size = sizesOf(run);
    const at = (count: number) => measureOpen(server, client, count, size.rounds);
    const open = await measureSizes(run, size.open, 'open journeys', at, (found) => ({ open: found, drain: null }));
    const recovered = (count: number) => measureDrain(server, client, count, run.budget.left / 2);
    const [drained = null] = await measureSizes(run, [size.stalled], 'stalled journeys', recovered, ([found]) => ({
      open,
      drain: found,
    }));
    return { open, drain: drained };
  });

/** Starts a server for one measurement, so that the measurements do not share journeys. */
async function withScaledServer<T>(
  start: StartScaledServer,
  { say }: Run,
  work: (server: ScaledServer, client: Client) => Promise<T>,
): Promise<ScaleResult<T>> {
  try {
    return await withCleanup(async (cleanup, folder) => {
      const server = await start(cleanup, folder, say);
      const client = await connect({ connectionOptions: { address: server.address } }, keys);
      cleanup.add(() => client.connection.close());
      return work(server, client);
    });
  } catch (error) {
    if (error instanceof MissingProgramError) return { missing: error.message };
    throw error;
  }
}

/** The least number of journeys a second that each measurement completes on two cores, to estimate its time. */
const MIN_JOURNEYS_PER_SECOND = { 'idle journeys': 30, 'open journeys': 220, 'stalled journeys': 25 } as const;

/**
 * Measures one size after the other while there is time.
 *
 * @param figures returns the figures of the section, to save after each size
 */
async function measureSizes<T>(
  { say, budget, saveFigures }: Run,
  counts: readonly number[],
  what: keyof typeof MIN_JOURNEYS_PER_SECOND,
  measure: (count: number) => Promise<T>,
  figures: (found: readonly T[]) => unknown,
): Promise<T[]> {
  const done: T[] = [];
  for (const count of counts) {
    const name = `${whole(count)} ${what}`;
    if (!budget.allows(name, count / MIN_JOURNEYS_PER_SECOND[what])) continue;
    say(`  ${name}`);
    done.push(await measure(count));
    saveFigures(figures(done));
  }
  return done;
}
