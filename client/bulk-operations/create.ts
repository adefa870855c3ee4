import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../workflows/contract.ts';
import type { UndeliveredFilter } from '../../workflows/contract.ts';
import { journeyOperationCommands, operationTarget } from '../../workflows/journey/commands.ts';
import type { PolicyDocument } from '../../workflows/journey/policy/adoption.ts';
import type { JourneyOperationCommand } from '../../workflows/journey/commands.ts';
import type { JourneyFilter } from '../../workflows/search-attributes.ts';
import type { ApprovalRequirement } from '../../workflows/bulk-operation/approval.ts';
import { BULK_OPERATION_MEMO, BULK_OPERATION_TYPE, operationId } from '../../workflows/bulk-operation/contract.ts';
import type { BulkOperationInput, BulkOperationMemo, BatchSizes } from '../../workflows/bulk-operation/contract.ts';
import { initialState } from '../../workflows/bulk-operation/state.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import { digest, keyedUpdateId } from '../journeys/idempotent-update.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import { JourneySearch } from '../search/journey-search.ts';
import { BadRequest, checkReason, IdempotencyKeyReused } from '../errors.ts';
import { checkUserId } from '../validation.ts';
import { undeliveredQuery } from '../webhooks/undelivered.ts';
import { findOperation, openOperations } from './read-operation.ts';
import { parsePolicyDocument } from '../config/adoptable-policy.ts';
import { defaultRecovery } from '../config/policy-file.ts';
import type { Approvals } from '../config/settings.ts';

export interface BulkOperationRequest {
  readonly command: JourneyOperationCommand;
  /** With `adoptPolicy`: the content of a policy file, as JSON. Journeys adopt the part that concerns them. */
  readonly policy?: PolicyDocument;
  readonly filter: JourneyFilter;
  /** Number of journeys that the operator expects. The request is rejected if the filter matches another number. */
  readonly expected: number;
  /** Journeys per second. */
  readonly perSecond?: number;
  /** Sends no commands and reports the expected results. */
  readonly dryRun?: boolean;
  /**
   * The id of a completed dry run with the same command and filter; required unless `dryRun` is set. Only its users get the command,
   * if they still match; the result names the users who joined or left. `expected` is then the number of users of the dry run.
   */
  readonly dryRunId?: string;
  readonly reason: string;
}

export interface ResendRequest {
  readonly filter: UndeliveredFilter;
  /** Webhooks per second. */
  readonly perSecond?: number;
  readonly reason: string;
}

export interface BulkOperationStarterOptions {
  /** Which operations need the approval of a second operator. Default: none. */
  readonly approvals?: Approvals | null;
  /** The task queue of the journeys. */
  readonly taskQueue?: string;
  readonly sizes?: BatchSizes;
}

const DEFAULT_BATCH_SIZES: BatchSizes = { page: 200, pages: 10, batches: 50 };
/** Previews send no requests to the provider. */
const MAX_PREVIEWS_PER_SECOND = 50;
const MAX_COMMANDS_PER_SECOND = 100;

/** Validates and starts bulk operations. */
export class BulkOperationStarter {
  readonly #client: Client;
  readonly #journeySearch: JourneySearch;
  readonly #approvals: Approvals | null;
  readonly #taskQueue: string;
  readonly #sizes: BatchSizes;

  constructor(
    client: Client,
    { approvals = null, taskQueue = TASK_QUEUE, sizes = DEFAULT_BATCH_SIZES }: BulkOperationStarterOptions,
  ) {
    this.#approvals = approvals;
    this.#client = client;
    this.#journeySearch = new JourneySearch(client);
    this.#taskQueue = taskQueue;
    this.#sizes = sizes;
  }

  /** See `BulkOperations.start`. */
  async start(given: BulkOperationRequest, caller: Caller): Promise<{ readonly id: string }> {
    const request = { ...given, filter: withSortedUsers(given.filter) };
    validateRequest(request);
    return this.#startOnce(request, caller, async () => {
      await (request.dryRunId === undefined ? this.#checkCount(request) : this.#checkDryRun(request, request.dryRunId));
      return this.#toInput(request, caller);
    });
  }

  /** See `BulkOperations.resendWebhooks`. */
  async resendWebhooks(request: ResendRequest, caller: Caller): Promise<{ readonly id: string }> {
    validateResend(request);
    const { filter: webhooks, perSecond = defaultRecovery.perSecond, reason } = request;
    return this.#startOnce({ command: 'resendWebhooks', ...request }, caller, async () => {
      const at = new Date();
      const { count } = await this.#client.workflow.count(undeliveredQuery(webhooks, at.getTime()));
      if (count === 0) throw new BadRequest('filter', 'the filter finds no undelivered webhook');
      const what = { command: 'resendWebhooks', filter: {}, webhooks, expected: count, dryRun: false } as const;
      return { ...what, ...this.#requestOf(what, caller, at), perSecond, dryRunId: null, reason, asOf: at.getTime() };
    });
  }

  /** Starts an operation, unless the same request with the same key was made before. */
  async #startOnce(
    request: object,
    caller: Caller,
    toInput: () => Promise<Omit<BulkOperationInput, 'id' | 'fingerprint' | 'sizes'>>,
  ): Promise<{ readonly id: string }> {
    const id = idFor(caller);
    const fingerprint = digest([request]);
    if (await this.#isRepeated(id, fingerprint)) return { id };
    const order = { ...(await toInput()), id, fingerprint, sizes: this.#sizes };
    if (!(await this.#startWorkflow(order))) await this.#isRepeated(id, fingerprint);
    return { id };
  }

  async #checkCount({ filter, expected }: BulkOperationRequest): Promise<void> {
    const count = await this.#journeySearch.count(filter);
    if (count !== expected) throw new BadRequest('expected', `the filter finds ${count} journeys, not ${expected}`);
  }

  async #checkDryRun({ command, policy, filter, expected }: BulkOperationRequest, dryRunId: string): Promise<void> {
    const dryRun = (await findOperation(this.#client, dryRunId))?.memo;
    const wrong = (problem: string) => new BadRequest('dryRunId', `dryRunId must name a dry run; ${problem}`);
    if (dryRun === undefined) throw wrong('no operation has this id');
    const { order, progress } = dryRun;
    if (!order.dryRun) throw wrong('this operation was not a dry run');
    if (progress.state !== 'done') throw wrong(`this one is ${progress.state}`);
    if (order.command !== command || !isDeepStrictEqual(order.filter, filter)) {
      throw wrong('this one had another command or filter');
    }
    if (!isDeepStrictEqual(order.document, policy)) throw wrong('this one had another policy');
    if (progress.done === expected) return;
    throw new BadRequest('expected', `the dry run had ${progress.done} journeys, not ${expected}`);
  }

  /** Whether the same request with the same key was made before. Throws `IdempotencyKeyReused` for a different request. */
  async #isRepeated(id: string, fingerprint: string): Promise<boolean> {
    const before = await findOperation(this.#client, id);
    if (before !== undefined && before.memo.order.fingerprint !== fingerprint) throw new IdempotencyKeyReused();
    return before !== undefined;
  }

  async #toInput(request: BulkOperationRequest, caller: Caller) {
    const { command, policy: document, filter, expected, reason, dryRun = false, dryRunId = null } = request;
    const { perSecond = dryRun ? MAX_PREVIEWS_PER_SECOND : defaultRecovery.perSecond } = request;
    const at = new Date();
    // A repeated operation that starts while the first one runs is based on the same information as the first one.
    const same = (await openOperations(this.#client)).filter(
      ({ order }) => !order.dryRun && order.command === command && isDeepStrictEqual(order.filter, filter),
    );
    const asOf = Math.min(at.getTime(), ...same.map(({ order }) => order.asOf));
    return {
      ...this.#requestOf(request, caller, at),
      command,
      ...(document !== undefined && { document, policy: parsePolicyDocument(document) }),
      filter,
      expected,
      perSecond,
      dryRun,
      dryRunId,
      reason,
      asOf,
    };
  }

  /** Returns who asks for an operation, when, and the approval that it needs. */
  #requestOf(request: Pick<BulkOperationRequest, 'dryRun' | 'expected'>, caller: Caller, at: Date) {
    const approval = this.#approvalOf(request, caller, at);
    return {
      by: { role: caller.role, name: caller.name },
      at: at.toISOString(),
      ...(approval && { approval }),
    };
  }

  /** Returns the approval that an operation needs; `undefined` if it needs none. A dry run changes nothing. */
  #approvalOf(
    { dryRun = false, expected }: Pick<BulkOperationRequest, 'dryRun' | 'expected'>,
    { personId }: Caller,
    at: Date,
  ): ApprovalRequirement | undefined {
    if (this.#approvals === null || dryRun || expected <= this.#approvals.above) return undefined;
    const { above, within } = this.#approvals;
    const until = new Date(at.getTime() + within).toISOString();
    return { above, until, ...(personId !== undefined && { personId }) };
  }

  async #startWorkflow(order: BulkOperationInput): Promise<boolean> {
    const memo: BulkOperationMemo = { order, progress: initialState(order, order.at), processedUsers: [] };
    try {
      await this.#client.workflow.start(BULK_OPERATION_TYPE, {
        workflowId: operationId(order.id),
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        taskQueue: this.#taskQueue,
        args: [createRequest('start', BULK_OPERATION_TYPE, order)],
        memo: { [BULK_OPERATION_MEMO]: createRequest('memo', BULK_OPERATION_MEMO, memo) },
        staticSummary: `${order.dryRun ? 'dry run: ' : ''}${order.command} for ${order.expected} ${operationTarget(order.command, order.expected)}`,
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }
}

/** The same selection in another order is the same filter. */
function withSortedUsers({ userIds, ...filter }: JourneyFilter): JourneyFilter {
  return userIds === undefined ? filter : { ...filter, userIds: [...new Set(userIds)].toSorted() };
}

function validateRequest(request: BulkOperationRequest): void {
  const { command, policy, filter, expected, perSecond, dryRun, dryRunId, reason } = request;
  if (!journeyOperationCommands.includes(command))
    throw new BadRequest('command', `command must be one of ${journeyOperationCommands.join(', ')}`);
  if ((command === 'adoptPolicy') !== (policy !== undefined)) {
    throw new BadRequest('policy', 'policy is for the command adoptPolicy, which requires one');
  }
  if (Object.values(filter).every((value) => value === undefined)) {
    throw new BadRequest(
      'filter',
      'filter must not be empty, because it would match every journey: set state, step, reason or another field',
    );
  }
  if (!Number.isInteger(expected) || expected < 1) {
    throw new BadRequest('expected', 'expected must be the number of journeys that the filter matches, at least 1');
  }
  validateRate(perSecond);
  if (dryRun === true && dryRunId !== undefined) {
    throw new BadRequest('dryRunId', 'dryRunId is for the operation that follows a dry run, not for a dry run');
  }
  if (dryRun !== true && dryRunId === undefined) {
    throw new BadRequest(
      'dryRunId',
      'dryRunId must name a dry run of the same command and filter: begin with `dryRun`',
    );
  }
  checkReason(reason);
}

function validateResend({ filter: { state, userId }, perSecond, reason }: ResendRequest): void {
  if (state === undefined && userId === undefined) {
    throw new BadRequest(
      'filter',
      'filter must have a state or a user: an empty one would send every open delivery again',
    );
  }
  if (userId !== undefined) checkUserId(userId);
  validateRate(perSecond);
  checkReason(reason);
}

function validateRate(perSecond: number | undefined): void {
  if (perSecond === undefined || (perSecond > 0 && perSecond <= MAX_COMMANDS_PER_SECOND)) return;
  throw new BadRequest('perSecond', `perSecond must be above 0 and at most ${MAX_COMMANDS_PER_SECOND}`);
}

/** Derives an id from the caller's idempotency key; random without one. */
export function idFor(caller: Caller): string {
  const key = keyedUpdateId(caller);
  if (key === undefined) return randomUUID();
  const hash = Buffer.from(key, 'base64url').toString('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}
