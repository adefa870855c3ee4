import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../workflows/contract.ts';
import type { Filter } from '../workflows/listing.ts';
import { bulkCommands, OPERATION_MEMO, OPERATION_TYPE, operationId } from '../workflows/operation/contract.ts';
import type { BulkCommand, OperationOrder, OperationShown, OperationSizes } from '../workflows/operation/contract.ts';
import { begun } from '../workflows/operation/course.ts';
import type { operation } from '../workflows/operation/operation.ts';
import { digest, keyOf } from './ask.ts';
import type { Caller } from './ask.ts';
import { Directory } from './directory.ts';
import { BadRequest, checkReason, KeyReused } from './errors.ts';
import { findOperation, openOperations } from './operation.ts';
import { defaultRecovery } from './settings.ts';

export interface OperationRequest {
  readonly command: BulkCommand;
  readonly filter: Filter;
  /** How many journeys the operator means: as many as the filter finds, or it is refused. */
  readonly expected: number;
  /** Journeys a second. */
  readonly perSecond?: number;
  /** Tells nobody anything, and says what would come of it. */
  readonly dryRun?: boolean;
  readonly reason: string;
}

export interface OrderingOptions {
  /** The journeys' own. */
  readonly taskQueue?: string;
  readonly sizes?: OperationSizes;
}

const SIZES: OperationSizes = { page: 200, pages: 10, batches: 50 };
/** A question costs the provider nothing. */
const QUESTIONS_PER_SECOND = 50;
const MOST_PER_SECOND = 100;

/** Orders bulk operations. */
export class Ordering {
  readonly #client: Client;
  readonly #directory: Directory;
  readonly #taskQueue: string;
  readonly #sizes: OperationSizes;

  constructor(client: Client, { taskQueue = TASK_QUEUE, sizes = SIZES }: OrderingOptions) {
    this.#client = client;
    this.#directory = new Directory(client);
    this.#taskQueue = taskQueue;
    this.#sizes = sizes;
  }

  /** See `Operations.start`. */
  async order(request: OperationRequest, caller: Caller): Promise<{ readonly id: string }> {
    check(request);
    const id = idFor(caller);
    const fingerprint = digest([request]);
    if (await this.#isKnown(id, fingerprint)) return { id };
    const { filter, expected } = request;
    const count = await this.#directory.count(filter);
    if (count !== expected) throw new BadRequest('expected', `the filter finds ${count} journeys, not ${expected}`);
    const order = { ...(await this.#orderOf(request, caller)), id, fingerprint, sizes: this.#sizes };
    if (!(await this.#begin(order))) await this.#isKnown(id, fingerprint);
    return { id };
  }

  /** Whether this very request was made before under its key. */
  async #isKnown(id: string, fingerprint: string): Promise<boolean> {
    const before = await findOperation(this.#client, id);
    if (before !== undefined && before.shown.order.fingerprint !== fingerprint) throw new KeyReused();
    return before !== undefined;
  }

  async #orderOf(request: OperationRequest, { role, name }: Caller) {
    const { command, filter, expected, reason, dryRun = false } = request;
    const { perSecond = dryRun ? QUESTIONS_PER_SECOND : defaultRecovery.perSecond } = request;
    const at = new Date();
    // Who pressed the same button while it was being carried out knew no more than who pressed it first.
    const same = (await openOperations(this.#client)).filter(
      ({ order }) => !order.dryRun && order.command === command && isDeepStrictEqual(order.filter, filter),
    );
    const asOf = Math.min(at.getTime(), ...same.map(({ order }) => order.asOf));
    return { command, filter, expected, perSecond, dryRun, by: { role, name }, reason, at: at.toISOString(), asOf };
  }

  async #begin(order: OperationOrder): Promise<boolean> {
    const shown: OperationShown = { order, progress: begun(order.at), told: [] };
    try {
      await this.#client.workflow.start<typeof operation>(OPERATION_TYPE, {
        workflowId: operationId(order.id),
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        taskQueue: this.#taskQueue,
        args: [order],
        memo: { [OPERATION_MEMO]: shown },
        staticSummary: `${order.dryRun ? 'asks what would come of: ' : ''}${order.command} for ${order.expected} journeys`,
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }
}

function check({ command, filter, expected, perSecond, reason }: OperationRequest): void {
  if (!bulkCommands.includes(command)) throw new BadRequest('command', `command is one of ${bulkCommands.join(', ')}`);
  if (Object.values(filter).every((value) => value === undefined)) {
    throw new BadRequest('filter', 'an empty filter means everybody: say whom by state, step, reason or the like');
  }
  if (!Number.isInteger(expected) || expected < 1) {
    throw new BadRequest('expected', 'expected is how many journeys the filter finds, one at least');
  }
  if (perSecond !== undefined && !(perSecond > 0 && perSecond <= MOST_PER_SECOND)) {
    throw new BadRequest('perSecond', `perSecond lies above 0 and is at most ${MOST_PER_SECOND}`);
  }
  checkReason(reason);
}

/** The same caller's key means the same operation. */
function idFor(caller: Caller): string {
  const key = keyOf(caller);
  if (key === undefined) return randomUUID();
  const hash = Buffer.from(key, 'base64url').toString('hex');
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}
