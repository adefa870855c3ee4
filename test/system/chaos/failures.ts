import { setTimeout as pause } from 'node:timers/promises';
import { draw } from '../../../sandbox/sfox/random.ts';

/** A worker, a gateway or the Temporal server is killed; the provider is unavailable for a moment. */
export const disruptionKinds = ['worker', 'gateway', 'server', 'provider'] as const;
export type DisruptionKind = (typeof disruptionKinds)[number];

/** A disruption, from its start until the service was available again. Times are RFC 3339. */
export interface Disruption {
  readonly kind: DisruptionKind;
  readonly from: string;
  readonly to: string;
}

/** The time between two disruptions. */
export interface Interval {
  readonly minMs: number;
  readonly maxMs: number;
}

/** An endless sequence of disruptions, each with the wait before it. A seed always gives the same one; each kind occurs once in every four. */
export function* planDisruptions(
  seed: number,
  { minMs, maxMs }: Interval,
): Generator<{ waitMs: number; kind: DisruptionKind }, never> {
  for (let round = 0; ; round += 1) {
    const random = (name: string) => draw(seed, `storm/${round}/${name}`);
    const shuffled = disruptionKinds.toSorted((a, b) => random(a) - random(b));
    for (const kind of shuffled) yield { waitMs: minMs + random(`gap/${kind}`) * (maxMs - minMs), kind };
  }
}

export interface DisruptionOptions {
  readonly seed: number;
  readonly interval: Interval;
  /** How many disruptions there are at most. */
  readonly maxDisruptions: number;
  /** Causes a disruption, and resolves when the service is available again. */
  readonly disrupt: (kind: DisruptionKind) => Promise<void>;
}

/**
 * Causes disruptions until `calm` is aborted or there have been `maxDisruptions`, but at least one of each kind unless
 * `deadline` is aborted. Returns them in order.
 */
export async function runDisruptions(
  { seed, interval, maxDisruptions, disrupt }: DisruptionOptions,
  calm: AbortSignal,
  deadline: AbortSignal,
): Promise<Disruption[]> {
  const disruptions: Disruption[] = [];
  for (const { waitMs, kind } of planDisruptions(seed, interval)) {
    if (disruptions.length >= maxDisruptions) break;
    await pause(waitMs, undefined, { signal: calm }).catch(() => {});
    if (deadline.aborted || (calm.aborted && disruptions.length >= disruptionKinds.length)) break;
    const from = new Date().toISOString();
    await disrupt(kind);
    disruptions.push({ kind, from, to: new Date().toISOString() });
  }
  return disruptions;
}
