import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import { stallReasons } from '../../workflows/journey/stall-reasons.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import type { StallReason } from '../../workflows/journey/stall-reasons.ts';
import { attributeKeys, userOf } from '../../workflows/contract.ts';
import { searchableSteps } from '../../workflows/search-attributes.ts';
import type { JourneyFilter, SearchableStep } from '../../workflows/search-attributes.ts';
import { isFinal, states } from '../../workflows/journey/status/status.ts';
import type { State } from '../../workflows/journey/status/status.ts';
import {
  accountTypeOf,
  executionStatusesOf,
  finalStateOf,
  openStateOf,
  stallReasonOf,
} from '../journeys/closed-journey.ts';
import { allPages, checkLimit, listExecutions } from './list-executions.ts';
import type { Execution } from './list-executions.ts';
import { queryOf } from './visibility-query.ts';
import type { JourneyQuery } from './visibility-query.ts';

export interface JourneyListItem {
  readonly userId: string;
  readonly accountType: AccountType | null;
  readonly state: State;
  readonly step: SearchableStep | null;
  readonly reason: StallReason | null;
  /** Since when state, step and reason are unchanged; RFC 3339. */
  readonly since: string;
  readonly startedAt: string;
}

export interface Page {
  readonly items: readonly JourneyListItem[];
  /** Cursor of the next page; `null` on the last page. */
  readonly next: string | null;
}

/** Number of journeys by state, step and stall reason. */
export interface Counts {
  readonly total: number;
  readonly states: { readonly [S in State]: number };
  readonly steps: { readonly [S in SearchableStep]: number };
  readonly reasons: { readonly [R in StallReason]: number };
  readonly asOf: string;
}

/** Lists and counts journeys by visibility, which needs no worker and is eventually consistent. */
export class JourneySearch {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Lists journeys, the newest start first.
   *
   * @param limit 1 to 200
   * @param cursor `next` of the previous page
   * @throws BadRequest
   */
  async list(filter: JourneyQuery = {}, limit = 50, cursor?: string): Promise<Page> {
    checkLimit(limit, 'journeys');
    const { executions, next } = await listExecutions(this.#client, queryOf(filter), limit, cursor);
    return { items: executions.map(toListItem), next };
  }

  /** Counts journeys by state, step and reason. On SQL a count scans its matches, so this makes as few counts as possible. */
  async counts(): Promise<Counts> {
    const asOf = new Date().toISOString();
    const [first, ...later] = states.filter((state) => !isFinal(state));
    const [byStatus, laterCounts, steps, reasons] = await Promise.all([
      this.#byStatus(),
      this.#all(later, (state) => ({ state })),
      this.#all(searchableSteps, (step) => ({ step })),
      this.#all(stallReasons, (reason) => ({ reason })),
    ]);
    // The open journeys that are in no later state. The counts are not one transaction, so the difference may be negative.
    const firstCount = Math.max(0, byStatus('Running') - sum(Object.values(laterCounts)));
    const countOf = (state: State) => {
      if (isFinal(state)) return sum(executionStatusesOf(state).map(byStatus));
      return state === first ? firstCount : laterCounts[state];
    };
    const counted = Object.fromEntries(states.map((state) => [state, countOf(state)])) as Counts['states'];
    return { total: sum(Object.values(counted)), states: counted, steps, reasons, asOf };
  }

  /** Counts the journeys for each key. */
  async #all<K extends string>(keys: readonly K[], filterOf: (key: K) => JourneyFilter) {
    const counted = keys.map(async (key) => [key, await this.count(filterOf(key))] as const);
    return Object.fromEntries(await Promise.all(counted)) as { [P in K]: number };
  }

  /** Counts executions by status with one query. */
  async #byStatus(): Promise<(name: string) => number> {
    const { groups } = await this.#client.workflow.count(`${queryOf({})} GROUP BY ExecutionStatus`);
    return (name) => groups.find(({ groupValues: [status] }) => String(status) === name)?.count ?? 0;
  }

  /** Lists all journeys that match a filter, the newest start first, a page at a time. */
  listAll(filter: JourneyQuery): AsyncGenerator<readonly JourneyListItem[], void, undefined> {
    return allPages((limit, cursor) => this.list(filter, limit, cursor));
  }

  /** Counts the journeys that match a filter. */
  async count(filter: JourneyQuery): Promise<number> {
    const { count } = await this.#client.workflow.count(queryOf(filter));
    return count;
  }
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

const MAX_PAGE_SIZE = 1_000;

/** Lists all journeys of a task queue, the newest start first. */
export async function* listJourneys(client: Client, taskQueue: string): AsyncGenerator<JourneyListItem> {
  const query = `${queryOf({})} AND TaskQueue = '${taskQueue}'`;
  let cursor: string | undefined;
  do {
    const { executions, next } = await listExecutions(client, query, MAX_PAGE_SIZE, cursor);
    for (const execution of executions) yield toListItem(execution);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

/** Converts an execution from visibility to a list item. */
export function toListItem({ execution, startTime, status, searchAttributes }: Execution): JourneyListItem {
  const listed = (name: string) => {
    const payload = searchAttributes?.indexedFields?.[name];
    return payload == null ? null : readAttribute(payload);
  };
  const startedAt = new Date(Number(startTime?.seconds ?? 0) * 1_000 + (startTime?.nanos ?? 0) / 1e6).toISOString();
  const ended = finalStateOf(status);
  const since = listed(attributeKeys.since.name);
  return {
    userId: userOf(execution?.workflowId ?? ''),
    accountType: accountTypeOf(listed(attributeKeys.account.name)),
    state: ended ?? openStateOf(listed(attributeKeys.state.name)),
    step:
      ended === undefined ? (searchableSteps.find((step) => step === listed(attributeKeys.step.name)) ?? null) : null,
    reason: ended === undefined ? stallReasonOf(listed(attributeKeys.reason.name)) : null,
    since: Number.isNaN(Date.parse(String(since))) ? startedAt : new Date(String(since)).toISOString(),
    startedAt,
  };
}

/** Search attributes are not encrypted, and anyone who can write to Temporal can set any: one that cannot be read counts as missing. */
function readAttribute(payload: Payload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return null;
  }
}
