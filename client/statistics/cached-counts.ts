import type { Client } from '@temporalio/client';
import { LRUCache } from 'lru-cache';
import type { Span } from './period.ts';

/** The executions that match a query: all, and by execution status. */
export interface StatusCounts {
  readonly total: number;
  of(names: readonly string[]): number;
}

const MAX_QUERIES = 10_000;
/** The queries in flight of all viewers together. A production server answers a limited number a second, and the summary needs some. */
const MAX_CONCURRENT = 4;
const MIN_TTL_MS = 10_000;
const MAX_TTL_MS = 3_600_000;

/** Counts by visibility. A count is shared by all callers, and cached for longer the further in the past its span is. */
export class CachedCounts {
  readonly #client: Client;
  readonly #cache = new LRUCache<string, Promise<StatusCounts>>({ max: MAX_QUERIES });
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Counts the executions that match a query, by status. @param span the span that the query is about */
  byStatus(query: string, { to }: Span): Promise<StatusCounts> {
    const known = this.#cache.get(query);
    if (known !== undefined) return known;
    const answer = this.#inTurn(() => this.#count(query));
    const age = Date.now() - to;
    this.#cache.set(query, answer, { ttl: Math.min(MAX_TTL_MS, Math.max(MIN_TTL_MS, age / 20)) });
    // A failure is not cached.
    answer.catch(() => this.#cache.delete(query));
    return answer;
  }

  async count(query: string, span: Span): Promise<number> {
    return (await this.byStatus(query, span)).total;
  }

  async #count(query: string): Promise<StatusCounts> {
    const { groups } = await this.#client.workflow.count(`${query} GROUP BY ExecutionStatus`);
    const counts = groups.map(({ groupValues: [status], count }) => [String(status), count] as const);
    return {
      total: counts.reduce((sum, [, count]) => sum + count, 0),
      of: (names) => counts.reduce((sum, [name, count]) => (names.includes(name) ? sum + count : sum), 0),
    };
  }

  async #inTurn<T>(load: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_CONCURRENT) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await load();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
