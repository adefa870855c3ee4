import { connect } from '../../client/connect.ts';
import { bundlePath } from '../../worker/bundle.ts';
import { onStage } from '../stand/bench.ts';
import type { Run } from '../stand/bench.ts';
import { keys } from '../stand/keys.ts';
import { startProvider } from '../stand/provider.ts';
import { startServer } from '../stand/server.ts';
import { startWorker } from '../stand/worker.ts';
import { block } from './block.ts';
import type { Block, Side, Size } from './block.ts';
import { bundleTwin } from './bundle.ts';
import { idle } from './idle.ts';
import type { Idle } from './idle.ts';
import { compare } from './pairs.ts';
import type { Compared } from './pairs.ts';
import { ours, twin } from './systems.ts';

export interface Twin extends Compared {
  readonly size: Size;
  readonly blocks: readonly Block[];
  readonly idles: { readonly onward: Idle; readonly twin: Idle } | null;
}

const ORDER = [0, 1, 1, 0] as const;

/** Ours and the hand-written journey in turn, on one warm server, each with a worker of its own that is there all the time. */
export function againstTwin({ quick, say, budget }: Run): Promise<Twin> {
  const rounds = quick ? 1 : 4;
  const size = { journeys: quick ? 30 : 120, parallel: 32 };
  return onStage(async (undo, folder) => {
    const [server, provider, twinPath] = await Promise.all([startServer(), startProvider(), bundleTwin(folder)]);
    undo.add(() => server.stop());
    undo.add(() => provider.close());
    const { address } = server;
    const client = await connect({ connectionOptions: { address } }, keys);
    undo.add(() => client.connection.close());
    const side = async (name: string, path: string, system: typeof ours): Promise<Side> => {
      const worker = await startWorker({ address, taskQueue: name, bundlePath: path, provider });
      undo.add(() => worker.end());
      return { name, system: system(client, name), workerPid: worker.pid };
    };
    const sides = [await side('onward', bundlePath, ours), await side('twin', twinPath, twin)] as const;
    for (const one of sides) await block(one, server, provider, { journeys: size.journeys / 2, parallel: 32 });
    const round = async () => {
      const done: Block[] = [];
      for (const nth of ORDER) done.push(await block(sides[nth], server, provider, size));
      for (const { side, rate, total } of done)
        say(`  ${side}: ${rate.toFixed(1)}/s, ${total.toFixed(1)} ms of CPU each`);
      return done;
    };
    const numbers = Array.from({ length: rounds }, (_, nth) => nth + 1);
    const blocks = (await budget.each(numbers, (nth) => `round ${nth} of ${rounds}`, round, quick ? 0 : 90)).flat();
    if (!budget.allows('idle journeys', quick ? 30 : 60))
      return { ...compare(blocks, 'onward'), size, blocks, idles: null };
    const journeys = quick ? { memory: 100, heap: 50 } : { memory: 800, heap: 200 };
    const held = async (name: string, path: string, system: typeof ours) => {
      const taskQueue = `${name}-idle`;
      return idle(
        { given: { address, taskQueue, bundlePath: path, provider }, system: system(client, taskQueue), provider },
        journeys,
      );
    };
    const idles = { onward: await held('onward', bundlePath, ours), twin: await held('twin', twinPath, twin) };
    return { ...compare(blocks, 'onward'), size, blocks, idles };
  });
}
