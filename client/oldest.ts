import type { Client } from '@temporalio/client';
import type { Filter } from '../workflows/listing.ts';
import { ByAge } from './by-age.ts';
import { queryOf } from './query.ts';

/** Where a search begins that knows nothing yet; older ones are found as well, with a few questions more. */
const MONTH = 30 * 24 * 3_600_000;

/**
 * Since when the journey stands there that has stood there longest.
 *
 * Whoever comes later is younger: so what was the oldest time once is so still, as long as anybody is left of it, which is one
 * question. Only when they have gone on is the next one looked for, which takes some twenty and is waited for by nobody.
 */
export class Oldest {
  readonly #journeys: ByAge;
  #known: number | undefined;
  #isSearching = false;

  constructor(client: Client, filter: Filter) {
    this.#journeys = new ByAge(client, queryOf(filter));
  }

  /** RFC 3339; `null` where nobody stands there, and while it is looked for. */
  async since(): Promise<string | null> {
    const known = this.#known;
    if (known !== undefined && (await this.#journeys.count({ from: 0, to: known + 1 })) > 0) {
      return new Date(known).toISOString();
    }
    if (!this.#isSearching) {
      this.#isSearching = true;
      // Whoever asks next has it looked for again.
      void this.#find(known)
        .catch(() => {})
        .finally(() => (this.#isSearching = false));
    }
    return null;
  }

  async #find(known: number | undefined): Promise<void> {
    const now = Date.now();
    const from = known ?? now - MONTH;
    // Clocks differ: who began on another machine may seem to have come after now.
    const to = now + MONTH;
    const window =
      (known === undefined ? await this.#journeys.oldestWindow({ from: 0, to: from }) : undefined) ??
      (await this.#journeys.oldestWindow({ from, to }));
    const [oldest] = window === undefined ? [] : await this.#journeys.list(window);
    this.#known = oldest === undefined ? undefined : Date.parse(oldest.since);
  }
}
