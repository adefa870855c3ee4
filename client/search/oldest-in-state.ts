import type { Client } from '@temporalio/client';
import type { JourneyFilter } from '../../workflows/search-attributes.ts';
import { OldestFirst } from './oldest-first.ts';
import { queryOf } from './visibility-query.ts';

/** Span of the first search. Older journeys are found too, with a few more queries. */
const MONTH = 30 * 24 * 3_600_000;

/**
 * Finds since when the oldest journey of a filter is in its state.
 *
 * Journeys only ever enter a state with a later timestamp, so the cached minimum stays valid while a journey with that
 * timestamp is left, which one count query checks. Otherwise a search of some twenty queries runs in the background.
 */
export class OldestInState {
  readonly #journeys: OldestFirst;
  #known: number | undefined;
  #isSearching = false;

  constructor(client: Client, filter: JourneyFilter) {
    this.#journeys = new OldestFirst(client, queryOf(filter));
  }

  /** Returns an RFC 3339 time; `null` if no journey matches, and while the search runs. */
  async since(): Promise<string | null> {
    const known = this.#known;
    if (known !== undefined && (await this.#journeys.count({ from: 0, to: known + 1 })) > 0) {
      return new Date(known).toISOString();
    }
    if (!this.#isSearching) {
      this.#isSearching = true;
      // The next call retries a failed search.
      void this.#find(known)
        .catch(() => {})
        .finally(() => (this.#isSearching = false));
    }
    return null;
  }

  async #find(known: number | undefined): Promise<void> {
    const now = Date.now();
    const from = known ?? now - MONTH;
    // Clocks differ: a journey written by another machine may have a time in the future.
    const to = now + MONTH;
    const window =
      (known === undefined ? await this.#journeys.oldestWindow({ from: 0, to: from }) : undefined) ??
      (await this.#journeys.oldestWindow({ from, to }));
    const [oldest] = window === undefined ? [] : await this.#journeys.list(window);
    this.#known = oldest === undefined ? undefined : Date.parse(oldest.since);
  }
}
