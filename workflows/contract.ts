import { defineSearchAttributeKey } from '@temporalio/common';
import type { Channel, Delivery } from '../activities/contract.ts';
import type { CarriedUsage, RestartOrigin } from './journey/context.ts';
import type { AccountType } from './journey/account-types.ts';
import type { StallReason } from './journey/stall-reasons.ts';
import type { AdoptablePolicy } from './journey/policy/adoption.ts';
import type { CommandName } from './journey/commands.ts';
import type { Actor } from './journey/actor.ts';
import type { CommandPreview } from './journey/status/preview.ts';
import type { TimelineItem } from './journey/status/timeline.ts';
import type { LogEntry } from './journey/stored/log.ts';
import type { Policy } from './journey/policy/policy.ts';
import type { Allowed, Status } from './journey/status/status.ts';

/** The messages of a journey, shared by the workflow and its clients. */

export const WORKFLOW_TYPE = 'onboarding';
export const TASK_QUEUE = 'onboarding';

/** Sends and checks have separate task queues and rate limits, so that a confirmation never waits behind a backlog of sends. */
export const sendQueue = (taskQueue: string) => `${taskQueue}-sends`;
export const checkQueue = (taskQueue: string) => `${taskQueue}-checks`;

const PREFIX = 'onboarding:';

/** The workflow id of a user's journey: one user, one journey. */
export const journeyId = (userId: string) => `${PREFIX}${userId}`;
/** The user of a journey's workflow id. */
export const userOf = (workflowId: string) => workflowId.slice(PREFIX.length);

/** Named, because the inferred type refers to a module that `@temporalio/common` does not export. */
type AttributeKey<T extends 'KEYWORD' | 'DATETIME'> = ReturnType<typeof defineSearchAttributeKey<T>>;

export const attributeKeys: {
  readonly [Name in 'account' | 'state' | 'step' | 'reason']: AttributeKey<'KEYWORD'>;
} & { readonly since: AttributeKey<'DATETIME'> } = {
  account: defineSearchAttributeKey('OnboardingAccount', 'KEYWORD'),
  state: defineSearchAttributeKey('OnboardingState', 'KEYWORD'),
  step: defineSearchAttributeKey('OnboardingStep', 'KEYWORD'),
  reason: defineSearchAttributeKey('OnboardingReason', 'KEYWORD'),
  since: defineSearchAttributeKey('OnboardingSince', 'DATETIME'),
};

/** The memo field with the result of a cancelled journey, since a cancellation in Temporal carries no result. */
export const RESULT_MEMO = 'result';

/** The input of a sign-up. */
export interface Signup {
  readonly userId: string;
  readonly accountType: AccountType;
  readonly policy: Policy;
  /** The provider of the journey: only its workers may serve it. Absent: any. */
  readonly provider?: string;
  readonly restarted?: RestartOrigin;
  /** Whether status changes are delivered to a webhook receiver. */
  readonly notifyReceiver?: boolean;
}

/** The result of an ended journey: enough to answer queries without a worker, and to restart from. */
export interface JourneyResult {
  readonly status: Status;
  readonly timeline: readonly TimelineItem[];
  readonly carried: CarriedUsage;
}

/** The start of the journey that replaces a superseded one, under the new user id: with its policy, and at its provider. */
export type Successor = Omit<Signup, 'notifyReceiver'>;

/** The request of every update. */
export interface UpdateRequest {
  readonly by: Actor;
  readonly reason: string | null;
}

export type CodeRequest = UpdateRequest & { readonly channel: Channel; readonly code: string };

/** `changed`: see `Supersession`. */
export type SupersedeRequest = UpdateRequest & { readonly newUserId: string; readonly changed?: Channel };

/**
 * The request of every other command. `channel` defaults to the current one; `asOf` is set by bulk operations (see `Command`).
 * With `ifRevision`, the command is refused if anything has happened to the journey since that revision.
 */
export type CommandRequest = UpdateRequest & {
  readonly channel?: Channel;
  readonly asOf?: number;
  readonly ifRevision?: number;
};

/** The request to adopt another policy. Only bulk operations send it. */
export type AdoptionRequest = UpdateRequest & { readonly policy: AdoptablePolicy };

/** The result of a recovery attempt; `reason` is set if the provider did not answer. `offered`: no code was requested, since the user has left. */
export interface RecoveryVerdict {
  readonly offered?: true;
  readonly reachedProvider: boolean;
  readonly reason: StallReason | null;
}

/** The updates of a journey: the request and the result of each. The view of every reply is the `Status`. */
export type Updates = {
  readonly [C in CommandName]: {
    readonly request: CommandRequest;
    readonly result: { readonly preview: CommandPreview };
  };
} & {
  readonly submitCode: {
    readonly request: CodeRequest;
    readonly result: { readonly outcome: 'verified' | 'incorrect' };
  };
  /** Cancels the journey, which then starts the one under the new user id. */
  readonly supersede: { readonly request: SupersedeRequest; readonly result: Record<string, never> };
  readonly adoptPolicy: { readonly request: AdoptionRequest; readonly result: { readonly preview: CommandPreview } };
  /** One send attempt of a stalled journey. Replies once the outcome is known. */
  readonly recover: { readonly request: UpdateRequest; readonly result: { readonly verdict: RecoveryVerdict } };
};
export type UpdateName = keyof Updates;

/** The prefix of update ids that contain an idempotency key of the caller. */
export const KEYED_PREFIX = 'key:';

/**
 * Why the journey refuses an update, with `UpdateFailureDetails`.
 *
 * - `NotNow`: the machine does not allow the command in its current state
 * - `CoolingDown`: a send is allowed from `retryAt`
 * - `ProviderUnavailable`: a code was not checked
 * - `RevisionDiffers`: the journey has another revision than the one that the caller has seen
 * - `TooManyCommands`: the policy's limit of commands a minute is reached; retry at `retryAt`
 * - `RunEnding`: this run accepts no more commands; the next run does once the handlers have finished
 * - `OutcomeUnrecorded`: the outcome of an activity is about to be recorded; the same command is accepted right after it
 */
export const updateFailureTypes = [
  'NotNow',
  'CoolingDown',
  'ProviderUnavailable',
  'RevisionDiffers',
  'TooManyCommands',
  'RunEnding',
  'OutcomeUnrecorded',
  'NotPermitted',
  'BadRequest',
  'RequestRefused',
] as const;
export type UpdateFailureType = (typeof updateFailureTypes)[number];

export interface UpdateFailureDetails {
  readonly state: Status['state'];
  readonly step: Status['step'];
  readonly allowed: Allowed;
  /** RFC 3339. */
  readonly retryAt: string | null;
  /** With `ProviderUnavailable`: the guesses left for the current code. */
  readonly guessesLeft: number | null;
  /** With `RevisionDiffers`: the current revision, and what happened since the one that the caller has seen. */
  readonly changed?: ChangedSince;
}

export interface ChangedSince {
  readonly revision: number;
  /** The newest act of a person since then, otherwise the newest event; `null` if the caller's revision is ahead. */
  readonly newest: TimelineItem | null;
}

/** The `type` of the failure of an expired journey. Its first detail is the `JourneyResult`. */
export const EXPIRED_FAILURE = 'JourneyExpired';

/** The queries of a journey: the request and the answer of each. */
export interface Queries {
  readonly status: { readonly request: null; readonly answer: Status };
  readonly timeline: { readonly request: null; readonly answer: readonly TimelineItem[] };
  /** The log entries behind the timeline. */
  readonly log: { readonly request: null; readonly answer: readonly LogEntry[] };
  /** The expected result of a command; `busy` while it depends on a reply in flight. */
  readonly preview: { readonly request: PreviewRequest; readonly answer: CommandPreview | 'busy' };
}

export interface PreviewRequest {
  readonly command: CommandName | 'adoptPolicy';
  readonly asOf?: number;
  /** With `adoptPolicy`. */
  readonly policy?: AdoptablePolicy;
}

/** The workflow that checks workers. It does not appear in lists and counts of journeys. */
export const WORKER_PROBE_TYPE = 'workerProbe';
export const workerProbeId = (unique: string) => `onward-worker-probe:${unique}`;

/** The workflow that delivers one status change of one journey. */
export const WEBHOOK_DELIVERY_TYPE = 'webhookDelivery';
const WEBHOOK_DELIVERY_PREFIX = 'onboarding-status:';
/** The prefix of the delivery ids of a user. */
export const deliveryPrefix = (userId: string) => `${WEBHOOK_DELIVERY_PREFIX}${userId}:`;
/** The workflow id of a delivery. A restarted journey continues its revisions; a new journey has another start time. */
export const deliveryId = ({ userId, startedAt, revision }: Status) =>
  `${deliveryPrefix(userId)}${Date.parse(startedAt)}:${revision}`;
/** Parses a delivery id; `undefined` if it is not one. A user id may contain colons, so it is parsed from the right. */
export function parseDeliveryId(
  workflowId: string,
): { readonly userId: string; readonly revision: number } | undefined {
  const [, userId, revision] = /^onboarding-status:(.+):\d+:(\d+)$/.exec(workflowId) ?? [];
  return userId === undefined ? undefined : { userId, revision: Number(revision) };
}

export const undeliveredStates = ['retrying', 'givenUp'] as const;
export type UndeliveredState = (typeof undeliveredStates)[number];

/** Selects undelivered status changes. All fields must match. */
export interface UndeliveredFilter {
  readonly state?: UndeliveredState;
  readonly userId?: string;
}

/** The memo field with the progress of a pending delivery. */
export const DELIVERY_MEMO = 'delivery';

/** The start of a delivery. */
export interface WebhookDeliveryInput {
  readonly delivery: Delivery;
  /** The delays in milliseconds; defaults to the schedule that Standard Webhooks recommends. */
  readonly schedule?: readonly number[];
  /** The idempotency keys under which the delivery was requested before. */
  readonly keys?: readonly string[];
}

/** The progress of a pending delivery. Times are RFC 3339. */
export interface DeliveryProgress {
  readonly attempts: number;
  readonly lastAttemptAt: string;
  readonly problem: string;
  /** `null` after the last attempt. */
  readonly nextAttemptAt: string | null;
}

/** A request to deliver at once. */
export interface DeliverNow {
  /** A digest of the caller's idempotency key. A repeated key has no effect. `null` without a key. */
  readonly key: string | null;
}

/** The signal that starts the next attempt of a pending delivery at once. Its body is `DeliverNow`. */
export const DELIVER_NOW_SIGNAL = 'deliverNow';

/** The activities of the worker itself. */
export interface JourneyActivities {
  /** Starts a delivery workflow for a status change. If it was started before, it does nothing. */
  startWebhookDelivery(status: Status): Promise<void>;
  /** Requests the cancellation of the calling journey: a workflow can only end as cancelled if a cancellation was requested. */
  requestCancellation(request: null): Promise<void>;
  /** Starts the journey that replaces the calling one. Does nothing if it exists already. */
  startSuccessor(successor: Successor): Promise<void>;
  /** Returns the time of the worker's clock, in milliseconds since 1970. A workflow only has the server's clock. */
  readClock(request: null): Promise<number>;
}
