import type { Client } from '@temporalio/client';
import { connect } from '../../client/connect.ts';
import { Missing } from '../../sandbox/production/programs.ts';
import { whole } from '../report/words.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { startProvider } from '../stand/provider.ts';
import type { Provider } from '../stand/provider.ts';
import { drain } from './drain.ts';
import type { Drain } from './drain.ts';
import { flow } from './flow.ts';
import type { Flow } from './flow.ts';
import { idleAt } from './idle.ts';
import type { Idle } from './idle.ts';
import { openAt } from './open.ts';
import type { Open } from './open.ts';
import type { ScaledServer, StartScaled } from './servers.ts';

export interface Scale {
  readonly flow: Flow;
  readonly idle: readonly Idle[];
  readonly open: readonly Open[];
  readonly drain: Drain | null;
}

/** `missing`: what is not on this machine, and how to get it. */
export type Scaled = Scale | { readonly missing: string };

const sizes = {
  full: { flow: 300, idle: [1_000, 10_000], open: [1_000, 10_000, 100_000], stalled: 5_000, rounds: 20 },
  quick: { flow: 40, idle: [200], open: [200, 1_000, 2_000], stalled: 200, rounds: 5 },
};

/** Brings ever more journeys to one server, and measures what each thing costs then. */
export const scaleOn =
  (start: StartScaled) =>
  async (run: Run): Promise<Scaled> => {
    try {
      return await scale(start, run);
    } catch (error) {
      if (error instanceof Missing) return { missing: error.message };
      throw error;
    }
  };

async function scale(start: StartScaled, run: Run): Promise<Scale> {
  const { quick, say, budget } = run;
  const size = quick ? sizes.quick : sizes.full;
  const few = await onServer(start, say, async ({ server, client, provider }) => {
    say(`  ${whole(size.flow)} journeys through`);
    const through = await flow(server, client, provider, size.flow);
    const idle = await growing(run, size.idle, 'idle journeys', (count) => idleAt(server, client, provider, count));
    return { flow: through, idle };
  });
  const many = await onServer(start, say, async ({ server, client }) => {
    const open = await growing(run, size.open, 'open journeys', (count) => openAt(server, client, count, size.rounds));
    const [drained = null] = await growing(run, [size.stalled], 'stalled journeys', (count) =>
      drain(server, client, count, Math.max(60, budget.left / 2)),
    );
    return { open, drain: drained };
  });
  return { ...few, ...many };
}

interface Parts {
  readonly server: ScaledServer;
  readonly client: Client;
  readonly provider: Provider;
}

/** Each on a server of its own, so that what one leaves open is not there for the other. */
function onServer<T>(start: StartScaled, say: Run['say'], work: (parts: Parts) => Promise<T>): Promise<T> {
  return onStage(async (undo, folder) => {
    const server = await start(undo, folder, say);
    const provider = await startProvider();
    undo.add(() => provider.close());
    const client = await connect({ connectionOptions: { address: server.address } }, keys);
    undo.add(() => client.connection.close());
    return work({ server, client, provider });
  });
}

/** How many a second are done with, all in all, at least: what two cores have done, with some to spare. */
const PACES = { 'idle journeys': 25, 'open journeys': 150, 'stalled journeys': 15 } as const;

/** Measures at one size after the other, as far as there is time. */
async function growing<T>(
  { say, budget }: Run,
  counts: readonly number[],
  what: keyof typeof PACES,
  measure: (count: number) => Promise<T>,
): Promise<T[]> {
  const done: T[] = [];
  for (const count of counts) {
    const name = `${whole(count)} ${what}`;
    if (!budget.allows(name, count / PACES[what])) continue;
    say(`  ${name}`);
    done.push(await measure(count));
  }
  return done;
}
