import { bundlePath } from '../../worker/bundle.ts';
import type { Run } from '../harness/bench.ts';
import type { Block, Size } from './block.ts';
import { bundleTwin } from './bundle.ts';
import { measureIdle } from './idle.ts';
import type { Idle } from './idle.ts';
import { compare } from './pairs.ts';
import type { Comparison } from './pairs.ts';
import { onwardSystem, twinSystem } from './systems.ts';
import { compareSystems } from './alternate.ts';
import type { ComparedSystem } from './alternate.ts';

export interface TwinFigures extends Comparison {
  readonly size: Size;
  readonly blocks: readonly Block[];
  /** Alternating measurements of both; `null` if there was no time for them. */
  readonly idles: { readonly onward: readonly Idle[]; readonly twin: readonly Idle[] } | null;
}

/** Compares Onward with the hand-written journey on one warm server. */
export function measureTwin(run: Run): Promise<TwinFigures> {
  const { quick, budget } = run;
  const size = { journeys: quick ? 30 : 120, parallel: 32 };
  const createSystems = async (folder: string): Promise<[ComparedSystem, ComparedSystem]> => [
    { name: 'onward', bundlePath, system: onwardSystem },
    { name: 'twin', bundlePath: await bundleTwin(folder), system: twinSystem },
  ];
  const options = { rounds: quick ? 1 : 4, size, warmUpJourneys: 2 * size.journeys, reserveSeconds: quick ? 0 : 100 };
  return compareSystems(run, options, createSystems, async (blocks, stage, systems) => {
    const compared = { ...compare(blocks, 'onward'), size, blocks };
    if (!budget.allows('idle journeys', quick ? 30 : 60)) return { ...compared, idles: null };
    run.saveFigures({ ...compared, idles: null });
    const journeys = quick ? { memory: 100, heap: 50 } : { memory: 400, heap: 200 };
    const { address, client, provider } = stage;
    let queues = 0;
    const measure = async ({ name, bundlePath: path, system }: ComparedSystem) => {
      const taskQueue = `${name}-idle-${++queues}`;
      const workerOptions = { address, taskQueue, bundlePath: path, provider };
      return measureIdle({ workerOptions, system: system(client, taskQueue), provider }, journeys);
    };
    const idles = { onward: [] as Idle[], twin: [] as Idle[] };
    const round = async () => {
      idles.onward.push(await measure(systems[0]));
      idles.twin.push(await measure(systems[1]));
    };
    await budget.each(quick ? [1] : [1, 2, 3], (nth) => `idle journeys, round ${nth} of 3`, round);
    return { ...compared, idles };
  });
}
