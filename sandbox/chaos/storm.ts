import { setTimeout as pause } from 'node:timers/promises';
import { draw } from '../sfox/random.ts';

export const upsets = ['worker', 'gateway', 'server', 'provider'] as const;
/** What is killed, or goes away for a moment. */
export type Upset = (typeof upsets)[number];

/** An upset that was, and until when what it hit was gone. Times are RFC 3339. */
export interface Hit {
  readonly what: Upset;
  readonly from: string;
  readonly to: string;
}

/** Between two upsets, in milliseconds. */
export interface Gap {
  readonly least: number;
  readonly most: number;
}

/** Upsets without end, each with the wait before it. The same seed gives the same; each kind is among every four. */
export function* forecast(seed: number, { least, most }: Gap): Generator<{ wait: number; what: Upset }, never> {
  for (let round = 0; ; round += 1) {
    const chance = (what: string) => draw(seed, `storm/${round}/${what}`);
    const shuffled = upsets.toSorted((a, b) => chance(a) - chance(b));
    for (const what of shuffled) yield { wait: least + chance(`gap/${what}`) * (most - least), what };
  }
}

export interface Storm {
  readonly seed: number;
  readonly gap: Gap;
  /** Has one happen, and comes back when what it hit is there again. */
  readonly strike: (what: Upset) => Promise<void>;
}

/** Strikes until `calm` is aborted, and everything once at least. Gives what was hit. */
export async function rage({ seed, gap, strike }: Storm, calm: AbortSignal): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (const { wait, what } of forecast(seed, gap)) {
    await pause(wait, undefined, { signal: calm }).catch(() => {});
    if (calm.aborted && hits.length >= upsets.length) break;
    const from = new Date().toISOString();
    await strike(what);
    hits.push({ what, from, to: new Date().toISOString() });
  }
  return hits;
}
