import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { stallReasons } from '../workflows/context.ts';
import type { AccountType, StallReason } from '../workflows/context.ts';
import { attributes, userOf } from '../workflows/contract.ts';
import { listedSteps } from '../workflows/listing.ts';
import type { Filter, ListedStep } from '../workflows/listing.ts';
import type { State } from '../workflows/status.ts';
import { endNames, endState } from './endings.ts';
import { checkLimit, listExecutions } from './executions.ts';
import type { Execution } from './executions.ts';
import { queryOf } from './query.ts';

export interface Listing {
  readonly userId: string;
  readonly accountType: AccountType | null;
  readonly state: State;
  readonly step: ListedStep | null;
  readonly reason: StallReason | null;
  /** Since when state, step and reason are so. */
  readonly since: string;
  readonly startedAt: string;
}

export interface Page {
  readonly items: readonly Listing[];
  /** Where the next page begins; `null` on the last. */
  readonly next: string | null;
}

/** How many journeys stand where. */
export interface Counts {
  readonly total: number;
  readonly states: { readonly [S in State]: number };
  readonly steps: { readonly [S in ListedStep]: number };
  readonly reasons: { readonly [R in StallReason]: number };
  readonly asOf: string;
}

/** Lists and counts journeys by visibility, which asks no worker and lags behind by a moment. */
export class Directory {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Lists journeys, the newest start first.
   *
   * @param limit 1 to 200
   * @param cursor the `next` of the page before
   * @throws BadRequest
   */
  async list(filter: Filter = {}, limit = 50, cursor?: string): Promise<Page> {
    checkLimit(limit, 'journeys');
    const { executions, next } = await listExecutions(this.#client, queryOf(filter), limit, cursor);
    return { items: executions.map(listingOf), next };
  }

  /** Counts journeys by state, step and reason. On SQL a count scans what it counts, so that each that can be spared is. */
  async counts(): Promise<Counts> {
    const asOf = new Date().toISOString();
    const [byStatus, emailVerified, smsPending, steps, reasons] = await Promise.all([
      this.#byStatus(),
      this.count({ state: 'emailVerified' }),
      this.count({ state: 'smsPending' }),
      this.#all(listedSteps, (step) => ({ step })),
      this.#all(stallReasons, (reason) => ({ reason })),
    ]);
    const open = byStatus('Running');
    const ended = (state: State) => endNames(state).reduce((sum, name) => sum + byStatus(name), 0);
    const counted = {
      // What is left of the open ones. They are counted one after the other, while people move on.
      emailPending: Math.max(0, open - emailVerified - smsPending),
      emailVerified,
      smsPending,
      done: ended('done'),
      expired: ended('expired'),
      cancelled: ended('cancelled'),
    } satisfies Counts['states'];
    const total = Object.values(counted).reduce((sum, count) => sum + count, 0);
    return { total, states: counted, steps, reasons, asOf };
  }

  /** A count for each key. */
  async #all<K extends string>(keys: readonly K[], filterOf: (key: K) => Filter) {
    const counted = keys.map(async (key) => [key, await this.count(filterOf(key))] as const);
    return Object.fromEntries(await Promise.all(counted)) as { [P in K]: number };
  }

  /** How many executions have a status, all of them by one question. */
  async #byStatus(): Promise<(name: string) => number> {
    const { groups } = await this.#client.workflow.count(`${queryOf({})} GROUP BY ExecutionStatus`);
    return (name) => groups.find(({ groupValues: [status] }) => String(status) === name)?.count ?? 0;
  }

  /** How many journeys a filter means. */
  async count(filter: Filter): Promise<number> {
    const { count } = await this.#client.workflow.count(queryOf(filter));
    return count;
  }
}

/** An execution as visibility knows it, read as a journey. */
export function listingOf({ execution, startTime, status, searchAttributes }: Execution): Listing {
  const listed = (name: string) => {
    const payload = searchAttributes?.indexedFields?.[name];
    return payload == null ? null : defaultPayloadConverter.fromPayload<string>(payload);
  };
  const startedAt = new Date(Number(startTime?.seconds ?? 0) * 1_000 + (startTime?.nanos ?? 0) / 1e6).toISOString();
  const ended = endState(status);
  const since = listed(attributes.since.name);
  return {
    userId: userOf(execution?.workflowId ?? ''),
    accountType: listed(attributes.account.name) as AccountType | null,
    state: ended ?? (listed(attributes.state.name) as State),
    step: ended === undefined ? (listed(attributes.step.name) as ListedStep | null) : null,
    reason: ended === undefined ? (listed(attributes.reason.name) as StallReason | null) : null,
    since: since === null ? startedAt : new Date(since).toISOString(),
    startedAt,
  };
}
