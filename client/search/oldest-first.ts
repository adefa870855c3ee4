import type { Client } from '@temporalio/client';
import { attributeKeys } from '../../workflows/contract.ts';
import type { QueuePosition } from '../../workflows/recovery/contract.ts';
import { toListItem } from './journey-search.ts';

/** Journeys in memory at a time. More are listed only if they have the same millisecond. */
const MAX_WINDOW_SIZE = 200;

/** A time span in milliseconds since the epoch: `from` inclusive, `to` exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Lists the journeys of a query by `since`, the oldest first. Visibility on SQL cannot sort, so this counts the journeys
 * within a span and halves it until the list is short enough to sort in memory.
 */
export class OldestFirst {
  readonly #client: Client;
  readonly #query: string;
  readonly #window: number;

  /** @param query a visibility query */
  constructor(client: Client, query: string, window = MAX_WINDOW_SIZE) {
    this.#client = client;
    this.#query = query;
    this.#window = window;
  }

  /** Returns the earliest part of a span that contains journeys, but not too many; `undefined` if there are none. */
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

  /** Lists all journeys of a span, the oldest first. */
  async list(span: Span): Promise<QueuePosition[]> {
    const places: QueuePosition[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const { namespace } = this.#client.options;
      const page = await this.#client.workflowService.listWorkflowExecutions({
        namespace,
        query: this.#within(span),
        pageSize: this.#window,
        nextPageToken,
      });
      places.push(...page.executions.map(toListItem).map(({ userId, since }) => ({ userId, since })));
      ({ nextPageToken } = page);
    } while (nextPageToken.length > 0);
    return places.toSorted(compareByTime);
  }

  async count(span: Span): Promise<number> {
    const { count } = await this.#client.workflow.count(this.#within(span));
    return count;
  }

  #within({ from, to }: Span): string {
    const [first, end] = [from, to].map((at) => new Date(at).toISOString());
    return `${this.#query} AND ${attributeKeys.since.name} >= '${first}' AND ${attributeKeys.since.name} < '${end}'`;
  }
}

/** Compares by time, then by user id. All times have the same format, so their text order is their time order. */
export function compareByTime(a: QueuePosition, b: QueuePosition): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return a.userId < b.userId ? -1 : 1;
}
