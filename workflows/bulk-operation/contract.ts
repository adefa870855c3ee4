import type { AdoptablePolicy, PolicyDocument } from '../journey/policy/adoption.ts';
import type { OperationCommand } from '../journey/commands.ts';
import type { OperatorAction } from '../journey/events.ts';
import type { Actor } from '../journey/actor.ts';
import type { CommandPreview } from '../journey/status/preview.ts';
import type { JourneyFilter } from '../search-attributes.ts';
import type { UndeliveredFilter } from '../contract.ts';
import type { ApprovalRequirement, Decision } from './approval.ts';

/** Bulk operations: their input, their progress and their activities. */

export const BULK_OPERATION_TYPE = 'bulkOperation';
/** The memo field with the progress of an operation, readable without a worker. */
export const BULK_OPERATION_MEMO = 'operation';

const PREFIX = 'onward-operation:';
/** The workflow id of an operation. */
export const operationId = (id: string) => `${PREFIX}${id}`;
/** The operation of a workflow id. One with another prefix is returned unchanged. */
export const idOfOperation = (workflowId: string) =>
  workflowId.startsWith(PREFIX) ? workflowId.slice(PREFIX.length) : workflowId;

export interface BulkOperationInput {
  readonly id: string;
  readonly command: OperationCommand;
  /** With `adoptPolicy`: the content of the policy file that was sent. */
  readonly document?: PolicyDocument;
  /** With `adoptPolicy`: the part of it that journeys adopt. */
  readonly policy?: AdoptablePolicy;
  /** The journeys; empty with `resendWebhooks`. */
  readonly filter: JourneyFilter;
  /** With `resendWebhooks`: the filter of undelivered webhooks. It selects those that it matched at `asOf`. */
  readonly webhooks?: UndeliveredFilter;
  /** The number of journeys or webhooks that the operator expects. If more match, no command is sent. */
  readonly expected: number;
  readonly perSecond: number;
  readonly dryRun: boolean;
  /** The dry run whose users the command is for, if they still match the filter; `null`: all that match. */
  readonly dryRunId: string | null;
  readonly by: Actor;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
  /** Milliseconds since 1970. A user who was sent a code after this time is not sent another; a later webhook is not resent. */
  readonly asOf: number;
  /** A digest of the request. It distinguishes a repeated request from a different one with the same key. A second operator approves it. */
  readonly fingerprint: string;
  /** Absent: the operation needs no approval. */
  readonly approval?: ApprovalRequirement;
  readonly sizes: BatchSizes;
}

/** Sizes: users per page, and pages and batches per execution. */
export interface BatchSizes {
  readonly page: number;
  readonly pages: number;
  readonly batches: number;
}

/**
 * The result for one user: the outcome of a `CommandPreview`, or
 *
 * - `verified`: the journey is done, so no command is needed
 * - `unanswered`: the journey did not reply in time; it may still execute the command
 * - `notInDryRun`: the filter matches the user now and did not in the dry run; no command was sent
 * - `noLongerMatches`: the dry run had the user and the filter does not match now; no command was sent
 *
 * With `resendWebhooks`, the result for one webhook: `applied` if the receiver has accepted it, `noLongerMatches` if it had accepted it before,
 * `unanswered`, or
 *
 * - `undelivered`: the receiver has not accepted it again
 */
export const operationOutcomes = [
  'sends',
  'applied',
  'verified',
  'limited',
  'invalidState',
  'unanswered',
  'notInDryRun',
  'noLongerMatches',
  'undelivered',
] as const;
export type UserOutcomeType = (typeof operationOutcomes)[number];

export const operationResults = ['applied', 'refused', 'unanswered'] as const;
export type OperationResult = (typeof operationResults)[number];

/** The result that each outcome counts as. With `refused`, the outcome is the reason. */
export const resultOfOutcome: { readonly [O in UserOutcomeType]: OperationResult } = {
  sends: 'applied',
  applied: 'applied',
  verified: 'refused',
  limited: 'refused',
  invalidState: 'refused',
  unanswered: 'unanswered',
  notInDryRun: 'refused',
  noLongerMatches: 'refused',
  undelivered: 'refused',
};

export interface UserOutcome extends Omit<CommandPreview, 'outcome'> {
  readonly userId: string;
  readonly outcome: UserOutcomeType;
  /** With `resendWebhooks`: the status change of this user. */
  readonly webhook?: { readonly id: string; readonly revision: number };
}

/**
 * - `awaitingApproval`: an operator other than the one who requested it has to approve it; nothing is sent before
 * - `stopping`: an operator has stopped it, and commands in flight complete first
 * - `rejected` `expired`: it was not approved, and no command was sent
 */
export const operationStates = [
  'awaitingApproval',
  'running',
  'stopping',
  'stopped',
  'rejected',
  'expired',
  'done',
] as const;
export type OperationState = (typeof operationStates)[number];

export interface BulkOperationProgress {
  readonly state: OperationState;
  /** The number of users; `null` until they have been listed. */
  readonly total: number | null;
  readonly done: number;
  readonly outcomes: { readonly [O in UserOutcomeType]: number };
  /** Who approved or rejected it. */
  readonly decision?: Decision;
  /** Who stopped it, when and why. */
  readonly stopped: OperatorAction | null;
  /** Why no command was sent, in plain language. */
  readonly note: string | null;
  readonly updatedAt: string;
}

/** The progress of an operation, in its memo. */
export interface BulkOperationMemo {
  readonly order: BulkOperationInput;
  readonly progress: BulkOperationProgress;
  /** The runs whose histories contain the outcomes by user, in order. */
  readonly processedUsers: readonly string[];
}

/** The signal that stops an operation. Its body is an `OperatorAction`. */
export const STOP_SIGNAL = 'stop';

export interface GatherRequest {
  readonly filter: JourneyFilter;
  readonly page: number;
  readonly cursor: string | null;
  /** The dry run that the users must have been in, and the executions that have listed users so far. */
  readonly after?: { readonly dryRunId: string; readonly listedIn: readonly string[] };
  /** Lists webhooks that were undelivered at `asOf`, in milliseconds since 1970, instead of journeys. */
  readonly webhooks?: UndeliveredFilter & { readonly asOf: number };
}

export interface UserPage {
  /** With webhooks: the user of each. */
  readonly users: readonly string[];
  /** The ids of webhooks, in the order of their users. */
  readonly webhooks?: readonly string[];
  readonly next: string | null;
  /** Those of the users that get no command, and why. */
  readonly skipped?: { readonly [userId: string]: 'notInDryRun' | 'noLongerMatches' };
}

/** A batch of users, by the run that listed them: its history contains them. */
export interface Batch {
  readonly runId: string;
  /** The index of the page in that run. */
  readonly page: number;
  /** The users of the page: `from` inclusive, `to` exclusive. */
  readonly from: number;
  readonly to: number;
}

export type BatchRequest = Batch &
  Pick<BulkOperationInput, 'id' | 'command' | 'policy' | 'perSecond' | 'dryRun' | 'by' | 'reason' | 'asOf'>;

export interface BulkOperationActivities {
  /** Lists a page of the users, or of the webhooks, that match a filter. */
  listUsers(request: GatherRequest): Promise<UserPage>;
  /** Sends the command to a batch of journeys at a fixed rate, or previews it in a dry run; with `resendWebhooks`, resends a batch of webhooks. */
  sendBatch(request: BatchRequest): Promise<readonly UserOutcome[]>;
}
