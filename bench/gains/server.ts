import { connect } from '../../client/connect.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { loneStarts, timesOf } from '../stand/lone.ts';
import type { Times } from '../stand/numbers.ts';
import { startProvider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import type { ServerOptions } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { block } from '../twin/block.ts';
import type { Block } from '../twin/block.ts';
import { ours } from '../twin/systems.ts';

/** What a setting of `temporal-dev.yml` is worth: the same without it. */
export interface Setting {
  readonly name: string;
  /** From the start of a lone journey to its request at the provider. */
  readonly alone: Times;
  readonly block: Block;
}

const settings: readonly (ServerOptions & { readonly name: string })[] = [
  { name: 'as it is' },
  { name: 'without the poll rates', without: ['ProcessorMaxPoll'] },
  { name: 'without eager activities', without: ['enableActivityEagerExecution'] },
  { name: 'without one partition a queue', without: ['numTaskqueue'] },
  { name: 'without the SQLite pragmas', without: ['sqlite-pragma'] },
  { name: 'without the matcher of priorities', without: ['useNewMatcher'] },
];

/** Measures with each setting left out in turn, each on a server of its own. */
export async function gainsOfServer({ quick, say, budget }: Run): Promise<readonly Setting[]> {
  const measure = async ({ name, ...options }: (typeof settings)[number]): Promise<Setting> => {
    say(`  ${name}`);
    return { name, ...(await measured(options, quick ? 5 : 20, quick ? 10 : 40)) };
  };
  return budget.each(settings, ({ name }) => name, measure, quick ? 0 : 45);
}

function measured(options: ServerOptions, lone: number, journeys: number): Promise<Omit<Setting, 'name'>> {
  return onStage(async (undo) => {
    const [server, provider] = await Promise.all([startServer(options), startProvider()]);
    undo.add(() => server.stop());
    undo.add(() => provider.close());
    const [taskQueue, { address }] = ['gains', server];
    const worker = await startWorker({ address, taskQueue, bundlePath, provider });
    undo.add(() => worker.end());
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const system = ours(client, taskQueue);
    const side = { name: 'onward', system, workerPid: worker.pid };
    await block(side, server, provider, { journeys: journeys / 2, parallel: 10 });
    const alone = timesOf(await loneStarts(provider, lone, (userId) => system.start(userId)));
    return { alone, block: await block(side, server, provider, { journeys, parallel: 32 }) };
  });
}
