import type { Client } from '@temporalio/client';
import { Directory } from './directory.ts';
import type { Counts } from './directory.ts';
import { kept } from './kept.ts';
import { reach } from './reading.ts';
import { Stuckness } from './stuck.ts';
import type { Stuck } from './stuck.ts';

/** How many journeys stand where, and why nothing happens where it does not. */
export interface Summary extends Counts {
  readonly stuck: readonly Stuck[];
}

const LIFE = 1_000;

/** Gives a summary, which everybody who asks within a second shares. Throws `Unavailable`. No worker is needed. */
export function summing(of: { readonly client: Client; readonly taskQueue?: string }): () => Promise<Summary> {
  const directory = new Directory(of.client);
  const stuckness = new Stuckness(of);
  return kept(LIFE, () =>
    reach(async () => {
      const counts = await directory.counts();
      return { ...counts, stuck: await stuckness.of(counts) };
    }),
  );
}
