import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle, bundlePath } from '../../worker/bundle.ts';
import type { Run } from '../stand/bench.ts';
import { compare } from '../twin/pairs.ts';
import type { Compared } from '../twin/pairs.ts';
import { ours } from '../twin/systems.ts';
import { inTurn } from '../twin/turns.ts';
import type { Way } from '../twin/turns.ts';
import { wholeStacks } from './bundles.ts';

/** Compares ours with itself when whole stacks are captured, block by block. */
export function gainOfFrames(run: Run): Promise<Compared> {
  const { quick } = run;
  const size = { journeys: quick ? 10 : 100, parallel: 32 };
  const waysIn = async (folder: string): Promise<[Way, Way]> => {
    const path = join(folder, 'whole-stacks.js');
    await writeFile(path, (await bundle(wholeStacks)).code);
    return [
      { name: 'onward', bundlePath, system: ours },
      { name: 'whole stacks', bundlePath: path, system: ours },
    ];
  };
  const turns = { rounds: quick ? 1 : 3, size, warm: size.journeys, keep: 0 };
  return inTurn(run, turns, waysIn, (blocks) => compare(blocks, 'onward'));
}
