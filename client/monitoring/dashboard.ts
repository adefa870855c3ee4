import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import { searchableSteps } from '../../workflows/search-attributes.ts';
import type { SearchableStep } from '../../workflows/search-attributes.ts';
import { isFinal, states } from '../../workflows/journey/status/status.ts';
import type { State } from '../../workflows/journey/status/status.ts';
import { JourneySearch } from '../search/journey-search.ts';
import { NotFound } from '../errors.ts';
import { OldestInState } from '../search/oldest-in-state.ts';
import type { BulkOperation } from '../bulk-operations/read-operation.ts';
import type { BulkOperations } from '../bulk-operations/bulk-operations.ts';
import { findPollers, queueUses } from './pollers.ts';
import type { QueuePollers, QueueUse } from './pollers.ts';
import type { ProviderHealth } from './provider-health.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import type { Reconciliation } from '../reconciliation/read.ts';
import type { Reconciliations } from '../reconciliation/reconciliations.ts';
import type { Recovery, RecoveryStatus } from '../recovery/recovery.ts';
import type { Summary } from './summary.ts';

/** The journeys in one open state. */
export interface StateCounts {
  readonly state: State;
  /** Since when the oldest journey is in this state; RFC 3339. `null` if there is none, and while it is being searched. */
  readonly oldest: string | null;
  readonly steps: { readonly [S in SearchableStep]: number };
}

/** A snapshot of the whole system. */
export interface DashboardSnapshot {
  readonly summary: Summary;
  readonly byState: readonly StateCounts[];
  /** The provider's recent replies; `null` if no worker reports them. */
  readonly provider: ProviderHealth | null;
  readonly workers: readonly (QueuePollers & { readonly use: QueueUse })[];
  /** `null` if `setup` has not created the Schedule. */
  readonly recovery: RecoveryStatus | null;
  /** The newest bulk operations. */
  readonly operations: readonly BulkOperation[];
  /** The newest reconciliation that was not a dry run; `null` if there is none. */
  readonly reconciliation: Reconciliation | null;
  readonly asOf: string;
}

export interface DashboardListener {
  onSnapshot(now: DashboardSnapshot): void;
  /** Temporal did not answer this time. */
  onUnavailable(): void;
}

export interface DashboardOptions {
  readonly client: Client;
  readonly taskQueue?: string;
  readonly summary: () => Promise<Summary>;
  readonly providerHealth: () => Promise<ProviderHealth | null>;
  readonly recovery: Recovery;
  readonly operations: BulkOperations;
  readonly reconciliations: Reconciliations;
}

const MIN_POLL_INTERVAL_MS = 2_000;
/** Ratio of pause to load time. Loading takes at most a quarter of the time, so a busy server is polled less often. */
const PAUSE_PER_POLL = 3;
const MAX_OPERATIONS = 20;

/** Loads snapshots periodically while there are listeners and shares them. Needs no worker. */
export class Dashboard {
  readonly #options: DashboardOptions;
  readonly #journeySearch: JourneySearch;
  readonly #oldest: readonly { readonly state: State; readonly journeys: OldestInState }[];
  readonly #listeners = new Set<DashboardListener>();
  #last: DashboardSnapshot | undefined;
  #refreshing: Promise<DashboardSnapshot> | undefined;
  #nextAt = 0;
  #previousLoadMs = 0;
  #closed: AbortController | undefined;

  constructor(options: DashboardOptions) {
    this.#options = options;
    this.#journeySearch = new JourneySearch(options.client);
    const open = states.filter((state) => !isFinal(state));
    this.#oldest = open.map((state) => ({ state, journeys: new OldestInState(options.client, { state }) }));
  }

  /** Sends the last snapshot, if any, and all later ones to a listener. Returns a function that unsubscribes. */
  subscribe(listener: DashboardListener): () => void {
    this.#listeners.add(listener);
    if (this.#last !== undefined) listener.onSnapshot(this.#last);
    if (this.#closed === undefined) void this.#poll((this.#closed = new AbortController()).signal);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#closed?.abort();
      this.#closed = undefined;
    };
  }

  /** Loads a snapshot now, or joins a load in progress. Throws `Unavailable`. */
  refresh(): Promise<DashboardSnapshot> {
    this.#refreshing ??= this.#load().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #load(): Promise<DashboardSnapshot> {
    const { summary, recovery, operations, reconciliations } = this.#options;
    const startedAt = Date.now();
    const asOf = new Date(startedAt).toISOString();
    const [[summed, byState], answering, recovers, listed, reconciliation] = await translatingErrors(() =>
      Promise.all([
        this.#counted(summary),
        this.#answering(),
        recovery.status().catch(noSchedule),
        operations.list(MAX_OPERATIONS),
        reconciliations.last(),
      ]),
    );
    this.#last = {
      summary: summed,
      byState,
      ...answering,
      recovery: recovers,
      operations: listed.items,
      reconciliation,
      asOf,
    };
    const loadMs = Date.now() - startedAt;
    // A single slow load does not mean that the server is busy. A long pause after it would leave operators with old figures.
    const pauseMs = PAUSE_PER_POLL * Math.min(loadMs, this.#previousLoadMs);
    this.#previousLoadMs = loadMs;
    this.#nextAt = Date.now() + Math.max(MIN_POLL_INTERVAL_MS, pauseMs);
    return this.#last;
  }

  async #poll(over: AbortSignal): Promise<void> {
    for (;;) {
      // A listener that resubscribes soon receives the previous snapshot.
      await pause(Math.max(0, this.#nextAt - Date.now()), undefined, { signal: over }).catch(() => {});
      if (over.aborted) return;
      const seen = await this.refresh().catch(() => undefined);
      if (over.aborted) return;
      if (seen === undefined) this.#nextAt = Date.now() + MIN_POLL_INTERVAL_MS;
      for (const listener of this.#listeners) {
        if (seen === undefined) listener.onUnavailable();
        else listener.onSnapshot(seen);
      }
    }
  }

  async #counted(summary: () => Promise<Summary>): Promise<[Summary, StateCounts[]]> {
    const summed = await summary();
    return [summed, await Promise.all(this.#oldest.map((one) => this.#stateCounts(one, summed)))];
  }

  /** Skips counts that are known to be 0. */
  async #stateCounts(
    { state, journeys }: { state: State; journeys: OldestInState },
    summed: Summary,
  ): Promise<StateCounts> {
    const isEmpty = summed.states[state] === 0;
    const counted = searchableSteps.map(async (step) => {
      const none = isEmpty || summed.steps[step] === 0;
      return [step, none ? 0 : await this.#journeySearch.count({ state, step })] as const;
    });
    const [oldest, ...steps] = await Promise.all([isEmpty ? null : journeys.since(), ...counted]);
    return { state, oldest, steps: Object.fromEntries(steps) as StateCounts['steps'] };
  }

  /** Reads pollers and provider health. Skips the health query if no worker polls. */
  async #answering(): Promise<Pick<DashboardSnapshot, 'workers' | 'provider'>> {
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
