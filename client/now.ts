import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../workflows/contract.ts';
import { listedSteps } from '../workflows/listing.ts';
import type { ListedStep } from '../workflows/listing.ts';
import { isFinal, states } from '../workflows/status.ts';
import type { State } from '../workflows/status.ts';
import { Directory } from './directory.ts';
import { NotFound } from './errors.ts';
import { Oldest } from './oldest.ts';
import type { Operation } from './operation.ts';
import type { Operations } from './operations.ts';
import { findPollers, queueUses } from './pollers.ts';
import type { Polled, QueueUse } from './pollers.ts';
import type { ProviderHealth } from './pulse.ts';
import { reach } from './reading.ts';
import type { Recovery, RecoveryStatus } from './recovery.ts';
import type { Summary } from './summary.ts';

/** Those who stand in one open state. */
export interface Standing {
  readonly state: State;
  /** Since when the one stands there who has stood there longest; RFC 3339. `null` as well while that is looked for. */
  readonly oldest: string | null;
  readonly steps: { readonly [S in ListedStep]: number };
}

/** Everything at one glance. */
export interface Now {
  readonly summary: Summary;
  readonly standing: readonly Standing[];
  /** What the provider has answered; `null` while no worker tells. */
  readonly provider: ProviderHealth | null;
  readonly workers: readonly (Polled & { readonly use: QueueUse })[];
  /** `null` before the setup has made its Schedule. */
  readonly recovery: RecoveryStatus | null;
  /** The newest bulk operations. */
  readonly operations: readonly Operation[];
  readonly asOf: string;
}

export interface NowListener {
  look(now: Now): void;
  /** Temporal did not answer this time. */
  away(): void;
}

export interface LookingOptions {
  readonly client: Client;
  readonly taskQueue?: string;
  readonly summary: () => Promise<Summary>;
  readonly providerHealth: () => Promise<ProviderHealth | null>;
  readonly recovery: Recovery;
  readonly operations: Operations;
}

const BETWEEN = 2_000;
/** A look that costs the server much is taken less often: it works for a quarter of the time at most. */
const SHARE = 3;
const OPERATIONS_SHOWN = 20;

/** Looks at everything now and then while somebody listens, once for all who do. No worker is needed. */
export class Looking {
  readonly #options: LookingOptions;
  readonly #directory: Directory;
  readonly #oldest: readonly { readonly state: State; readonly journeys: Oldest }[];
  readonly #listeners = new Set<NowListener>();
  #last: Now | undefined;
  #looking: Promise<Now> | undefined;
  #nextAt = 0;
  #over: AbortController | undefined;

  constructor(options: LookingOptions) {
    this.#options = options;
    this.#directory = new Directory(options.client);
    const open = states.filter((state) => !isFinal(state));
    this.#oldest = open.map((state) => ({ state, journeys: new Oldest(options.client, { state }) }));
  }

  /** Hears what was seen last, and each look that is taken from now on; gives what ends it. */
  listen(listener: NowListener): () => void {
    this.#listeners.add(listener);
    if (this.#last !== undefined) listener.look(this.#last);
    if (this.#over === undefined) void this.#goOn((this.#over = new AbortController()).signal);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#over?.abort();
      this.#over = undefined;
    };
  }

  /** Looks now, with whoever is looking already. Throws `Unavailable`. */
  look(): Promise<Now> {
    this.#looking ??= this.#see().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #see(): Promise<Now> {
    const { summary, recovery, operations } = this.#options;
    const begun = Date.now();
    const asOf = new Date(begun).toISOString();
    const [[summed, standing], answering, recovers, listed] = await reach(() =>
      Promise.all([
        this.#counted(summary),
        this.#answering(),
        recovery.status().catch(noSchedule),
        operations.list(OPERATIONS_SHOWN),
      ]),
    );
    this.#last = { summary: summed, standing, ...answering, recovery: recovers, operations: listed.items, asOf };
    this.#nextAt = Date.now() + Math.max(BETWEEN, SHARE * (Date.now() - begun));
    return this.#last;
  }

  async #goOn(over: AbortSignal): Promise<void> {
    for (;;) {
      // Who comes back at once finds the look that was taken before.
      await pause(Math.max(0, this.#nextAt - Date.now()), undefined, { signal: over }).catch(() => {});
      if (over.aborted) return;
      const seen = await this.look().catch(() => undefined);
      if (over.aborted) return;
      if (seen === undefined) this.#nextAt = Date.now() + BETWEEN;
      for (const listener of this.#listeners) {
        if (seen === undefined) listener.away();
        else listener.look(seen);
      }
    }
  }

  async #counted(summary: () => Promise<Summary>): Promise<[Summary, Standing[]]> {
    const summed = await summary();
    return [summed, await Promise.all(this.#oldest.map((one) => this.#standing(one, summed)))];
  }

  /** Where nobody stands, nobody is counted. */
  async #standing({ state, journeys }: { state: State; journeys: Oldest }, summed: Summary): Promise<Standing> {
    const isEmpty = summed.states[state] === 0;
    const counted = listedSteps.map(async (step) => {
      const none = isEmpty || summed.steps[step] === 0;
      return [step, none ? 0 : await this.#directory.count({ state, step })] as const;
    });
    const [oldest, ...steps] = await Promise.all([isEmpty ? null : journeys.since(), ...counted]);
    return { state, oldest, steps: Object.fromEntries(steps) as Standing['steps'] };
  }

  /** Who polls, and what the provider has answered them: where nobody polls, an answer is not waited for. */
  async #answering(): Promise<Pick<Now, 'workers' | 'provider'>> {
    const { client, taskQueue = TASK_QUEUE, providerHealth } = this.#options;
    const polled = queueUses.map(async (use) => ({ use, ...(await findPollers(client, taskQueue, use)) }));
    const workers = await Promise.all(polled);
    const answers = workers.some(({ use, workers }) => use === 'journeys' && workers > 0);
    return { workers, provider: answers ? await providerHealth() : null };
  }
}

function noSchedule(error: unknown): null {
  if (error instanceof NotFound) return null;
  throw error;
}
