import { connect } from '../../client/connect.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { drive } from '../stand/load.ts';
import { times } from '../stand/numbers.ts';
import type { Times } from '../stand/numbers.ts';
import { startProvider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { compare } from '../twin/pairs.ts';
import type { Compared } from '../twin/pairs.ts';
import { ours } from '../twin/systems.ts';
import { alternate } from '../twin/turns.ts';

/** What a setting of `temporal-dev.yml` is worth: a server without it, beside one as it is. */
export interface Setting extends Compared {
  readonly name: string;
  /** A lone journey as a whole, of a user who types at once. */
  readonly alone: { readonly asItIs: Times; readonly without: Times };
}

/** A setting, and what its arguments have in common. */
const settings: readonly { readonly name: string; readonly arguments?: string }[] = [
  { name: 'nothing, for comparison' },
  { name: 'the poll rates', arguments: 'ProcessorMaxPoll' },
  { name: 'eager activities', arguments: 'enableActivityEagerExecution' },
  { name: 'one partition a queue', arguments: 'numTaskqueue' },
  { name: 'the SQLite pragmas', arguments: 'sqlite-pragma' },
  { name: 'the matcher of priorities', arguments: 'useNewMatcher' },
];

const TASK_QUEUE = 'settings';

/** Measures with each setting left out in turn. */
export function compareSettings(run: Run): Promise<readonly Setting[]> {
  const { say, budget } = run;
  const measure = async ({ name, arguments: left }: (typeof settings)[number]): Promise<Setting> => {
    say(`  without ${name}`);
    return { name, ...(await without(run, left)) };
  };
  return budget.each(settings, ({ name }) => name, measure, 0);
}

function without(run: Run, left: string | undefined): Promise<Omit<Setting, 'name'>> {
  const { quick } = run;
  return onStage(async (undo) => {
    const provider = await startProvider();
    undo.add(() => provider.close());
    const side = async (name: string, leftOut: readonly string[]) => {
      const server = await startServer({ without: leftOut });
      undo.add(() => server.stop());
      const { address } = server;
      const worker = await startWorker({ address, taskQueue: TASK_QUEUE, bundlePath, provider });
      undo.add(() => worker.end());
      const client = await connect({ connectionOptions: { address } }, keys);
      undo.add(() => client.connection.close());
      return { server, side: { name, system: ours(client, TASK_QUEUE), workerPid: worker.pid } };
    };
    const [asItIs, less] = [await side('as it is', []), await side('without', left === undefined ? [] : [left])];
    const sides = [less.side, asItIs.side] as const;
    const size = { journeys: quick ? 5 : 100, parallel: 32 };
    const turns = { rounds: quick ? 1 : 3, size, warm: 2 * size.journeys, keep: 0 };
    const blocks = await alternate(run, sides, [less.server, asItIs.server], provider, turns);
    const alone = { asItIs: [] as number[], without: [] as number[] };
    const one = { provider, journeys: 1, parallel: 1, typing: 0 };
    for (let nth = 0; nth < (quick ? 3 : 30); nth += 1) {
      alone.asItIs.push(await drive({ system: asItIs.side.system, ...one }));
      alone.without.push(await drive({ system: less.side.system, ...one }));
    }
    return {
      ...compare(blocks, 'without'),
      alone: { asItIs: times(alone.asItIs), without: times(alone.without) },
    };
  });
}
