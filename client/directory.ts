import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { accountTypes, stallReasons } from '../workflows/context.ts';
import type { AccountType, StallReason } from '../workflows/context.ts';
import { attributes, journeyId, userOf, WORKFLOW_TYPE } from '../workflows/contract.ts';
import { listedSteps } from '../workflows/listing.ts';
import type { Filter, ListedStep } from '../workflows/listing.ts';
import { states } from '../workflows/status.ts';
import type { State } from '../workflows/status.ts';
import { endNames, endState } from './endings.ts';
import { BadRequest } from './errors.ts';
import { isInvalid } from './temporal-errors.ts';
import { checkUserId } from './user-id.ts';

export type { Filter };

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

const MOST_LISTED = 200;

type Execution = temporal.api.workflow.v1.IWorkflowExecutionInfo;

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

/** Throws `BadRequest` for a page that would be too long, or is none. */
export function checkLimit(limit: number, what: string): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_LISTED) return;
  throw new BadRequest('limit', `a page has 1 to ${MOST_LISTED} ${what}`);
}

/** One page of what visibility lists, the newest start first. Throws `BadRequest` for a cursor that is none. */
export async function listExecutions(
  client: Client,
  query: string,
  limit: number,
  cursor: string | undefined,
): Promise<{ readonly executions: readonly Execution[]; readonly next: string | null }> {
  const { executions, nextPageToken } = await client.workflowService
    .listWorkflowExecutions({
      namespace: client.options.namespace,
      query,
      pageSize: limit,
      ...(cursor === undefined ? {} : { nextPageToken: tokenOf(cursor) }),
    })
    .catch((error: unknown) => {
      throw isInvalid(error) && cursor !== undefined ? noCursor() : error;
    });
  return { executions, next: nextPageToken.length === 0 ? null : cursorOf(nextPageToken) };
}

const CHECK_BYTES = 6;
const checkOf = (token: Uint8Array) => createHash('sha256').update(token).digest().subarray(0, CHECK_BYTES);
const noCursor = () => new BadRequest('cursor', "a cursor is the 'next' of a page");

/** The server's token behind a check of its own: a token that is none, the server would call a fault and be asked again for. */
function cursorOf(token: Uint8Array): string {
  return Buffer.concat([checkOf(token), token]).toString('base64url');
}

function tokenOf(cursor: string): Uint8Array {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(CHECK_BYTES);
  if (!checkOf(token).equals(bytes.subarray(0, CHECK_BYTES))) throw noCursor();
  return token;
}

/**
 * Open ones, where few are meant: SQLite then finds them by what else is asked, in a millisecond. With `ExecutionStatus = 'Running'`
 * it goes through all that run.
 */
export const FEW_OPEN = 'CloseTime IS NULL';

/** The filter in visibility's own language. Every value is one of a list, or a checked user id: nothing needs quoting. */
export function queryOf({ state, step, reason, accountType, userId, sinceBefore }: Filter): string {
  const terms = [`WorkflowType = '${WORKFLOW_TYPE}'`];
  const few = step !== undefined || reason !== undefined;
  if (state === undefined) terms.push(few ? FEW_OPEN : `ExecutionStatus != 'ContinuedAsNew'`);
  else terms.push(...stateTerms(oneOf('state', state, states), few));
  if (step !== undefined) terms.push(`${attributes.step.name} = '${oneOf('step', step, listedSteps)}'`);
  if (reason !== undefined) terms.push(`${attributes.reason.name} = '${oneOf('reason', reason, stallReasons)}'`);
  if (accountType !== undefined) {
    terms.push(`${attributes.account.name} = '${oneOf('accountType', accountType, accountTypes)}'`);
  }
  if (userId !== undefined) {
    checkUserId(userId);
    terms.push(`WorkflowId = '${journeyId(userId)}'`);
  }
  if (sinceBefore !== undefined) {
    const at = Date.parse(sinceBefore);
    if (Number.isNaN(at)) throw new BadRequest('sinceBefore', 'sinceBefore is a time of RFC 3339');
    terms.push(`${attributes.since.name} < '${new Date(at).toISOString()}'`);
  }
  return terms.join(' AND ');
}

function stateTerms(state: State, few: boolean): string[] {
  const names = endNames(state).map((name) => `'${name}'`);
  const open = few ? FEW_OPEN : `ExecutionStatus = 'Running'`;
  if (names.length === 0) return [`${attributes.state.name} = '${state}'`, open];
  // Nobody who has come to an end is stalled.
  return [`ExecutionStatus IN (${names.join(', ')})`, ...(few ? [open] : [])];
}

function oneOf<T extends string>(field: string, value: T, known: readonly T[]): T {
  if (!known.includes(value)) throw new BadRequest(field, `${field} is one of ${known.join(', ')}`);
  return value;
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
