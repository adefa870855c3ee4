import type { Run } from './harness/bench.ts';

/** A goal, the measured value, and whether the goal was met. */
export interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly isMet: boolean;
  /** Why the goal was missed. */
  readonly why?: string;
}

/** A part of the benchmark: takes measurements and formats them in Markdown. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly seconds: Seconds;
  /** Whether the section is measured only if `--only` names it, because it takes too long. */
  readonly isSlow?: boolean;
  readonly measure: (run: Run) => Promise<unknown>;
  readonly page: (figures: unknown) => string;
  readonly goals: (figures: unknown) => readonly Goal[];
}

/** Time limits in seconds. */
interface Seconds {
  readonly full: number;
  readonly quick: number;
}

interface TypedSection<F> extends Omit<Section, 'measure' | 'page' | 'goals'> {
  readonly measure: (run: Run) => Promise<F>;
  readonly page: (figures: F) => string;
  readonly goals: (figures: F) => readonly Goal[];
}

/** Defines a section. Its `page` and `goals` receive the figures that `measure` returned, in this run or an earlier one. */
export function defineSection<F>({ page, goals, ...rest }: TypedSection<F>): Section {
  return { ...rest, page: (figures) => page(figures as F), goals: (figures) => goals(figures as F) };
}
