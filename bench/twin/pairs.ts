import { spreadOf } from '../harness/numbers.ts';
import type { Spread } from '../harness/numbers.ts';
import type { Block } from './block.ts';

export const figures = ['rate', 'server', 'worker', 'client', 'total'] as const;
type Figure = (typeof figures)[number];
export type Ratios = { readonly [F in Figure]: Spread };

export interface Comparison {
  /** The ratios of the first side to the second, for adjacent blocks. */
  readonly ratios: Ratios;
  /** The ratios of a side to itself, for adjacent blocks: the noise of the measurement. */
  readonly control: Ratios;
}

/** Compares adjacent blocks: the speed of a machine drifts, and least between neighbours. */
export function compare(blocks: readonly Block[], first: string): Comparison {
  const neighbours = blocks.slice(1).map((block, nth) => [blocks[nth], block] as [Block, Block]);
  // In A B B A A B B A … each block has one neighbour of the other side, and one of its own.
  const unlike = neighbours
    .filter(([a, b]) => a.side !== b.side)
    .map(([a, b]) => (a.side === first ? ([a, b] as const) : ([b, a] as const)));
  return { ratios: ratiosOf(unlike), control: ratiosOf(neighbours.filter(([a, b]) => a.side === b.side)) };
}

function ratiosOf(pairs: readonly (readonly [Block, Block])[]): Ratios {
  const of = (figure: Figure) => spreadOf(pairs.map(([a, b]) => a[figure] / b[figure]));
  return Object.fromEntries(figures.map((figure) => [figure, of(figure)])) as Record<Figure, Spread>;
}
