import type { Client } from '@temporalio/client';
import { reasonsThatHeal } from '../workflows/context.ts';
import { attributes, WORKFLOW_TYPE } from '../workflows/contract.ts';
import type { OldestRequest, OldestStalled, Place } from '../workflows/recovery/contract.ts';
import { listingOf } from './directory.ts';

/** Journeys that are held in memory; more that stalled in the same millisecond are listed as a whole. */
const WINDOW = 200;

/** Times in milliseconds: the first included, the second not. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Finds the journeys that recovery takes on, the oldest stall first. Visibility on SQL cannot order, so it is asked how many
 * stalled within a span, which is halved until a list of it is short enough to be put in order here.
 */
export class Stalled {
  readonly #client: Client;
  readonly #pool: string;
  readonly #window: number;

  /** @param taskQueue whose journeys are meant */
  constructor(client: Client, taskQueue: string, window = WINDOW) {
    this.#client = client;
    this.#window = window;
    const reasons = reasonsThatHeal.map((reason) => `'${reason}'`).join(', ');
    this.#pool = [
      `WorkflowType = '${WORKFLOW_TYPE}'`,
      `ExecutionStatus = 'Running'`,
      `TaskQueue = '${taskQueue}'`,
      `${attributes.step.name} = 'stalled'`,
      `${attributes.reason.name} IN (${reasons})`,
    ].join(' AND ');
  }

  async oldest({ after, before, most, passOver }: Omit<OldestRequest, 'taskQueue'>): Promise<OldestStalled> {
    const to = Date.parse(before) + 1;
    const wanted = (place: Place) => isBehind(place, after) && !passOver.includes(place.userId);
    const places: Place[] = [];
    let from = after === null ? 0 : Date.parse(after.since);
    for (let window; places.length < most && (window = await this.#oldestWindow({ from, to })); from = window.to) {
      places.push(...(await this.#list(window)).filter(wanted));
    }
    return { places: places.slice(0, most), left: await this.#count({ from: 0, to }) };
  }

  /** The first part of a span that holds anybody, and not too many. */
  async #oldestWindow({ from, to }: Span): Promise<Span | undefined> {
    let count = await this.#count({ from, to });
    if (count === 0) return undefined;
    while (count > this.#window && to - from > 1) {
      const middle = Math.floor((from + to) / 2);
      const older = await this.#count({ from, to: middle });
      if (older === 0) from = middle;
      else [to, count] = [middle, older];
    }
    return { from, to };
  }

  async #list(span: Span): Promise<Place[]> {
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

  async #count(span: Span): Promise<number> {
    const { count } = await this.#client.workflow.count(this.#within(span));
    return count;
  }

  #within({ from, to }: Span): string {
    const [first, end] = [from, to].map((at) => new Date(at).toISOString());
    return `${this.#pool} AND ${attributes.since.name} >= '${first}' AND ${attributes.since.name} < '${end}'`;
  }
}

/** Both are times of one form, so their texts are in the order of time. */
function inOrder(a: Place, b: Place): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return a.userId < b.userId ? -1 : 1;
}

function isBehind(place: Place, after: Place | null): boolean {
  return after === null || inOrder(after, place) < 0;
}
