import type { Run } from './stand/bench.ts';

/** What was to be reached, and whether it was. */
export interface Goal {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly met: boolean;
  /** Of a missed one. */
  readonly why?: string;
}

/** A part of the bench: measures, and says in Markdown what it has measured. */
export interface Section {
  readonly name: string;
  readonly title: string;
  readonly seconds: Seconds;
  /** Measured only where it is named, as too long for the rest. */
  readonly apart?: boolean;
  readonly measure: (run: Run) => Promise<unknown>;
  readonly page: (figures: unknown) => string;
  readonly goals: (figures: unknown) => readonly Goal[];
}

/** What it may take. */
interface Seconds {
  readonly full: number;
  readonly quick: number;
}

interface Typed<F> extends Omit<Section, 'measure' | 'page' | 'goals'> {
  readonly measure: (run: Run) => Promise<F>;
  readonly page: (figures: F) => string;
  readonly goals: (figures: F) => readonly Goal[];
}

/** A section whose page and goals read what it has measured, now or in a run before. */
export function section<F>({ page, goals, ...rest }: Typed<F>): Section {
  return { ...rest, page: (figures) => page(figures as F), goals: (figures) => goals(figures as F) };
}
