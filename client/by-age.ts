import type { Client } from '@temporalio/client';
import { attributes } from '../workflows/contract.ts';
import type { Place } from '../workflows/recovery/contract.ts';
import { listingOf } from './directory.ts';

/** Journeys that are held in memory; more of the same millisecond are listed as a whole. */
const WINDOW = 200;

/** Times in milliseconds: the first included, the second not. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The journeys of a query, by how long they have stood where they stand. Visibility on SQL cannot order, so it is asked how
 * many there are within a span, which is halved until a list of it is short enough to be put in order here.
 */
export class ByAge {
  readonly #client: Client;
  readonly #query: string;
  readonly #window: number;

  /** @param query in visibility's own language */
  constructor(client: Client, query: string, window = WINDOW) {
    this.#client = client;
    this.#query = query;
    this.#window = window;
  }

  /** The first part of a span that holds anybody, and not too many. */
  async oldestWindow({ from, to }: Span): Promise<Span | undefined> {
    let count = await this.count({ from, to });
    if (count === 0) return undefined;
    while (count > this.#window && to - from > 1) {
      const middle = Math.floor((from + to) / 2);
      const older = await this.count({ from, to: middle });
      if (older === 0) from = middle;
      else [to, count] = [middle, older];
    }
    return { from, to };
  }

  /** All of a span, the oldest first. */
  async list(span: Span): Promise<Place[]> {
    const places: Place[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const { namespace } = this.#client.options;
      const page = await this.#client.workflowService.listWorkflowExecutions({
        namespace,
        query: this.#within(span),
        pageSize: this.#window,
        nextPageToken,
      });
      places.push(...page.executions.map(listingOf).map(({ userId, since }) => ({ userId, since })));
      ({ nextPageToken } = page);
    } while (nextPageToken.length > 0);
    return places.toSorted(inOrder);
  }

  async count(span: Span): Promise<number> {
    const { count } = await this.#client.workflow.count(this.#within(span));
    return count;
  }

  #within({ from, to }: Span): string {
    const [first, end] = [from, to].map((at) => new Date(at).toISOString());
    return `${this.#query} AND ${attributes.since.name} >= '${first}' AND ${attributes.since.name} < '${end}'`;
  }
}

/** Both are times of one form, so their texts are in the order of time. */
export function inOrder(a: Place, b: Place): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return a.userId < b.userId ? -1 : 1;
}
