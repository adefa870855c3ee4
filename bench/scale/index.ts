import type { Client } from '@temporalio/client';
import { connect } from '../../client/connect.ts';
import { Missing } from '../../sandbox/production/programs.ts';
import { whole } from '../report/words.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { startProvider } from '../stand/provider.ts';
import { drain } from './drain.ts';
import type { Drain } from './drain.ts';
import { flow } from './flow.ts';
import type { Flow } from './flow.ts';
import { idleAt } from './idle.ts';
import type { Idle } from './idle.ts';
import { openAt } from './open.ts';
import type { Open } from './open.ts';
import type { ScaledServer, StartScaled } from './servers.ts';

/** What one worker does with many. */
export interface InWorker {
  readonly flow: Flow;
  readonly idle: readonly Idle[];
}

/** What a server does with many. */
export interface OnServer {
  readonly open: readonly Open[];
  /** `null` where there was no time for it. */
  readonly drain: Drain | null;
}

/** `missing`: what is not on this machine, and how to get it. */
export type Scaled<T> = T | { readonly missing: string };

const sizes = {
  full: { flow: 300, idle: [1_000, 10_000], open: [1_000, 10_000, 100_000], stalled: 5_000, rounds: 20 },
  quick: { flow: 40, idle: [200], open: [200, 1_000, 2_000], stalled: 200, rounds: 5 },
};
const sizesOf = ({ quick }: Run) => (quick ? sizes.quick : sizes.full);

/** Lets journeys go through one worker, and others wait in it, ever more. */
export const inWorker = (start: StartScaled, run: Run): Promise<Scaled<InWorker>> =>
  onServer(start, run, async (server, client) => {
    const size = sizesOf(run);
    const provider = await startProvider();
    try {
      run.say(`  ${whole(size.flow)} journeys through`);
      const through = await flow(server, client, provider, size.flow);
      const at = (count: number) => idleAt(server, client, provider, count);
      const idle = await growing(run, size.idle, 'idle journeys', at, (found) => ({ flow: through, idle: found }));
      return { flow: through, idle };
    } finally {
      await provider.close();
    }
  });

/** Opens ever more journeys on a server, and has some of them recovered among the others. */
export const onServers = (start: StartScaled, run: Run): Promise<Scaled<OnServer>> =>
  onServer(start, run, async (server, client) => {
    const size = sizesOf(run);
    const at = (count: number) => openAt(server, client, count, size.rounds);
    const open = await growing(run, size.open, 'open journeys', at, (found) => ({ open: found, drain: null }));
    const recovered = (count: number) => drain(server, client, count, run.budget.left / 2);
    const [drained = null] = await growing(run, [size.stalled], 'stalled journeys', recovered, ([found]) => ({
      open,
      drain: found,
    }));
    return { open, drain: drained };
  });

/** On a server of its own, so that what one leaves open is not there for the other. */
async function onServer<T>(
  start: StartScaled,
  { say }: Run,
  work: (server: ScaledServer, client: Client) => Promise<T>,
): Promise<Scaled<T>> {
  try {
    return await onStage(async (undo, folder) => {
      const server = await start(undo, folder, say);
      const client = await connect({ connectionOptions: { address: server.address } }, keys);
      undo.add(() => client.connection.close());
      return work(server, client);
    });
  } catch (error) {
    if (error instanceof Missing) return { missing: error.message };
    throw error;
  }
}

/** How many a second are done with, all in all, at least: what two cores have done, with some to spare. */
const PACES = { 'idle journeys': 30, 'open journeys': 220, 'stalled journeys': 25 } as const;

/**
 * Measures at one size after the other, as far as there is time.
 *
 * @param figures all that is to be put down once so much is found
 */
async function growing<T>(
  { say, budget, keep }: Run,
  counts: readonly number[],
  what: keyof typeof PACES,
  measure: (count: number) => Promise<T>,
  figures: (found: readonly T[]) => unknown,
): Promise<T[]> {
  const done: T[] = [];
  for (const count of counts) {
    const name = `${whole(count)} ${what}`;
    if (!budget.allows(name, count / PACES[what])) continue;
    say(`  ${name}`);
    done.push(await measure(count));
    keep(figures(done));
  }
  return done;
}
