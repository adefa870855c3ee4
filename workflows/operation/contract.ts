import { defineSignal } from '@temporalio/workflow';
import type { CommandName } from '../contract.ts';
import type { Act, Actor } from '../events.ts';
import type { Forecast } from '../forecast.ts';
import type { Filter } from '../listing.ts';

/** Bulk operations: what one is ordered to do, what it shows, and what it asks of its worker. */

export const OPERATION_TYPE = 'operation';
/** The memo under which an operation shows itself, so that it can be read without a worker. */
export const OPERATION_MEMO = 'operation';

const PREFIX = 'onward-operation:';
/** The workflow id of an operation. */
export const operationId = (id: string) => `${PREFIX}${id}`;

export const bulkCommands = [
  'retry',
  'recheck',
  'resend',
  'pause',
  'resume',
  'cancel',
] as const satisfies readonly CommandName[];
export type BulkCommand = (typeof bulkCommands)[number];

export interface OperationOrder {
  readonly id: string;
  readonly command: BulkCommand;
  readonly filter: Filter;
  /** How many journeys the operator saw; where there are more, nobody is told anything. */
  readonly expected: number;
  readonly perSecond: number;
  readonly dryRun: boolean;
  readonly by: Actor;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  /** Milliseconds since 1970: nobody who was sent a code after that is sent another one. */
  readonly asOf: number;
  /** Tells a repeated request from another one under the same key. */
  readonly fingerprint: string;
  readonly sizes: OperationSizes;
}

/** How much is dealt with in one go: users in a page, pages gathered and batches told in one execution. */
export interface OperationSizes {
  readonly page: number;
  readonly pages: number;
  readonly batches: number;
}

/**
 * What came of it for one user: a `Forecast`'s outcome, or
 *
 * - `verified`: the journey is done, nothing is to be told
 * - `unanswered`: the journey did not answer in time; it may yet carry it out
 */
export const operationOutcomes = ['sends', 'taken', 'verified', 'overLimit', 'notNow', 'unanswered'] as const;
export type OperationOutcome = (typeof operationOutcomes)[number];

export interface UserOutcome extends Omit<Forecast, 'outcome'> {
  readonly userId: string;
  readonly outcome: OperationOutcome;
}

export interface OperationProgress {
  /** `stopping`: an operator has said so, and what is in flight ends first. */
  readonly state: 'running' | 'stopping' | 'stopped' | 'done';
  /** How many users it is about; `null` until they have been gathered. */
  readonly total: number | null;
  readonly done: number;
  readonly outcomes: { readonly [O in OperationOutcome]: number };
  /** Who stopped it, when and why. */
  readonly stopped: Act | null;
  /** Why nothing was done, in plain words. */
  readonly note: string | null;
  readonly updatedAt: string;
}

/** What an operation shows of itself. */
export interface OperationShown {
  readonly order: OperationOrder;
  readonly progress: OperationProgress;
  /** The executions whose histories hold the outcomes by user, in order. */
  readonly told: readonly string[];
}

/** Asks an operation to stop. */
export const stopSignal = defineSignal<[Act]>('stop');

export interface GatherRequest {
  readonly filter: Filter;
  readonly page: number;
  readonly cursor: string | null;
}

export interface Gathered {
  readonly users: readonly string[];
  readonly next: string | null;
}

/** A batch of users, by where they were gathered: the history of that execution holds them. */
export interface Batch {
  readonly runId: string;
  /** The number of the page in that execution. */
  readonly page: number;
  /** The users' numbers in it: the first, and the first that is not meant any more. */
  readonly from: number;
  readonly to: number;
}

export type TellRequest = Batch &
  Pick<OperationOrder, 'id' | 'command' | 'perSecond' | 'dryRun' | 'by' | 'reason' | 'asOf'>;

export interface OperationActivities {
  /** Lists a page of the users that a filter means. */
  gatherUsers(request: GatherRequest): Promise<Gathered>;
  /** Tells a batch of users' journeys the command, at a pace; in a dry run asks what would come of it. */
  tellBatch(request: TellRequest): Promise<readonly UserOutcome[]>;
}
