import { bundlePath } from '../../worker/bundle.ts';
import type { Run } from '../stand/bench.ts';
import type { Block, Size } from './block.ts';
import { bundleTwin } from './bundle.ts';
import { idle } from './idle.ts';
import type { Idle } from './idle.ts';
import { compare } from './pairs.ts';
import type { Compared } from './pairs.ts';
import { ours, twin } from './systems.ts';
import { inTurn } from './turns.ts';
import type { Way } from './turns.ts';

export interface Twin extends Compared {
  readonly size: Size;
  readonly blocks: readonly Block[];
  /** Measured on each in turn; `null` where there was no time for it. */
  readonly idles: { readonly onward: readonly Idle[]; readonly twin: readonly Idle[] } | null;
}

/** Ours and the hand-written journey in turn, on one warm server. */
export function againstTwin(run: Run): Promise<Twin> {
  const { quick, budget } = run;
  const size = { journeys: quick ? 30 : 120, parallel: 32 };
  const waysIn = async (folder: string): Promise<[Way, Way]> => [
    { name: 'onward', bundlePath, system: ours },
    { name: 'twin', bundlePath: await bundleTwin(folder), system: twin },
  ];
  const turns = { rounds: quick ? 1 : 4, size, warm: 2 * size.journeys, keep: quick ? 0 : 100 };
  return inTurn(run, turns, waysIn, async (blocks, stage, ways) => {
    const compared = { ...compare(blocks, 'onward'), size, blocks };
    if (!budget.allows('idle journeys', quick ? 30 : 60)) return { ...compared, idles: null };
    run.keep({ ...compared, idles: null });
    const journeys = quick ? { memory: 100, heap: 50 } : { memory: 400, heap: 200 };
    const { address, client, provider } = stage;
    let queues = 0;
    const held = async ({ name, bundlePath: path, system }: Way) => {
      const taskQueue = `${name}-idle-${++queues}`;
      const given = { address, taskQueue, bundlePath: path, provider };
      return idle({ given, system: system(client, taskQueue), provider }, journeys);
    };
    const idles = { onward: [] as Idle[], twin: [] as Idle[] };
    const round = async () => {
      idles.onward.push(await held(ways[0]));
      idles.twin.push(await held(ways[1]));
    };
    await budget.each(quick ? [1] : [1, 2, 3], (nth) => `idle journeys, round ${nth} of 3`, round);
    return { ...compared, idles };
  });
}
