import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { Channel } from '../activities/contract.ts';
import type { AccountType, Carried, Restarted, StallReason } from './context.ts';
import type { Actor } from './events.ts';
import type { Forecast } from './forecast.ts';
import type { LogEntry, TimelineItem } from './log.ts';
import type { KeptOnce } from './migrate.ts';
import type { Policy } from './policy.ts';
import type { Allowed, Status } from './status.ts';

/** The messages of a journey: written here once, used by the workflow and by its clients. */

export const WORKFLOW_TYPE = 'onboarding';
export const TASK_QUEUE = 'onboarding';

/** Sends and checks have queues of their own, each with its share of the provider's rate, so that a confirm never waits behind a crowd of sends. */
export const sendQueue = (taskQueue: string) => `${taskQueue}-sends`;
export const checkQueue = (taskQueue: string) => `${taskQueue}-checks`;

const PREFIX = 'onboarding:';

/** The workflow id of a user's journey: one user, one journey. */
export const journeyId = (userId: string) => `${PREFIX}${userId}`;
/** The user of a journey's workflow id. */
export const userOf = (workflowId: string) => workflowId.slice(PREFIX.length);

export const attributes = {
  account: defineSearchAttributeKey('OnboardingAccount', 'KEYWORD'),
  state: defineSearchAttributeKey('OnboardingState', 'KEYWORD'),
  step: defineSearchAttributeKey('OnboardingStep', 'KEYWORD'),
  reason: defineSearchAttributeKey('OnboardingReason', 'KEYWORD'),
  since: defineSearchAttributeKey('OnboardingSince', 'DATETIME'),
} as const;

/** The memo under which a cancelled journey leaves its ending, since Temporal's cancellation carries no result. */
export const ENDING_MEMO = 'ending';

/** What a sign-up gives. */
export interface Signup {
  readonly userId: string;
  readonly accountType: AccountType;
  readonly policy: Policy;
  readonly restarted?: Restarted;
  /** Whether changes of its status are told to a receiver. */
  readonly tells?: boolean;
}

/** A journey begins with a sign-up, or goes on from the run before, which may have been run by an older version. */
export type Begin = { readonly signup: Signup } | { readonly kept: KeptOnce };

/** What a journey leaves behind when it ends: enough to answer in full without a worker, and to restart from. */
export interface Ending {
  readonly status: Status;
  readonly timeline: readonly TimelineItem[];
  readonly carried: Carried;
}

/** Who asks, and how a repeated request is told from a new one. */
export interface Asked {
  readonly by: Actor;
  readonly reason: string | null;
  /** A digest of the request: the same key with another one is a mistake of the caller. */
  readonly fingerprint: string;
  /** New for every call: tells an answer to this call from one that is repeated. */
  readonly nonce: string;
}

export interface Reply {
  readonly fingerprint: string;
  readonly nonce: string;
  readonly status: Status;
}

/** What came of a command. */
export interface CommandReply extends Reply {
  /** Absent where the journey answered it under a release that did not say. */
  readonly took?: Forecast;
}

/** What the provider made of a try of recovery; `reason` where it did not judge. */
export interface Verdict {
  readonly judged: boolean;
  readonly reason: StallReason | null;
}

export interface RecoverReply extends Reply {
  readonly verdict: Verdict;
}

export interface CodeReply extends Reply {
  readonly outcome: 'verified' | 'incorrect';
}

/** How the ids of updates begin that carry a key of the caller's own. */
export const KEYED = 'key:';

/** The newest keyed requests that have been answered (`KEYS_KEPT`): the server itself remembers them for one run alone. */
export interface Handled {
  readonly [updateId: string]: Omit<CommandReply, 'status'> & Partial<Pick<CodeReply, 'outcome'>>;
}

/**
 * Why an update fails: the `type` of its `ApplicationFailure`, whose first detail is a `Refusal`.
 *
 * - `NotNow`: the machine does not take the command in its present state
 * - `CoolingDown`: a send is allowed again at `retryAt`
 * - `ProviderUnavailable`: a code was not judged
 */
export type RefusalType = 'NotNow' | 'CoolingDown' | 'ProviderUnavailable';

export interface Refusal {
  readonly fingerprint: string;
  readonly nonce: string;
  readonly state: Status['state'];
  readonly step: Status['step'];
  readonly allowed: Allowed;
  /** RFC 3339. */
  readonly retryAt: string | null;
}

/** The `type` of the failure with which an expired journey ends; its first detail is the `Ending`. */
export const EXPIRED = 'JourneyExpired';

export const statusQuery = defineQuery<Status>('status');
export const timelineQuery = defineQuery<readonly TimelineItem[]>('timeline');
/** What the timeline is told from. */
export const logQuery = defineQuery<readonly LogEntry[]>('log');

export const submitCodeUpdate = defineUpdate<CodeReply, [Asked & { readonly channel: Channel; readonly code: string }]>(
  'submitCode',
);

/** Every other command. Without a channel, the one that is due is meant; `asOf` is a bulk operation's (see `Command`). */
export type CommandRequest = Asked & { readonly channel?: Channel; readonly asOf?: number };
export const commandUpdates = {
  resend: defineUpdate<CommandReply, [CommandRequest]>('resend'),
  recheck: defineUpdate<CommandReply, [CommandRequest]>('recheck'),
  retry: defineUpdate<CommandReply, [CommandRequest]>('retry'),
  pause: defineUpdate<CommandReply, [CommandRequest]>('pause'),
  resume: defineUpdate<CommandReply, [CommandRequest]>('resume'),
  cancel: defineUpdate<CommandReply, [CommandRequest]>('cancel'),
  override: defineUpdate<CommandReply, [CommandRequest]>('override'),
} as const;
export type CommandName = keyof typeof commandUpdates;

/** A workflow that looks after the workers; no list or count of journeys has it. */
export const CHECKUP_TYPE = 'checkup';
export const checkupId = (unique: string) => `onward-checkup:${unique}`;

/** One try of a stalled journey, which answers once the provider has, or has not. */
export const recoverUpdate = defineUpdate<RecoverReply, [Asked]>('recover');

/** What would come of a command now; `busy` while an answer is awaited that decides it. */
export const wouldTakeQuery = defineQuery<Forecast | 'busy', [CommandName, { readonly asOf?: number }]>('wouldTake');

/** A workflow that tells a receiver of one change of one journey. */
export const STATUS_TYPE = 'statusChange';
const STATUS_PREFIX = 'onboarding-status:';
/** How the ids of all changes of a user begin. */
export const changesOf = (userId: string) => `${STATUS_PREFIX}${userId}:`;
/** The id of a change: a restarted journey counts its revisions on, and one that begins anew has another start. */
export const changeId = ({ userId, startedAt, revision }: Status) =>
  `${changesOf(userId)}${Date.parse(startedAt)}:${revision}`;
/** What the id of a change says; `undefined` where it is none. A user id may hold colons: it is read from the right. */
export function readChangeId(workflowId: string): { readonly userId: string; readonly revision: number } | undefined {
  const [, userId, revision] = /^onboarding-status:(.+):\d+:(\d+)$/.exec(workflowId) ?? [];
  return userId === undefined ? undefined : { userId, revision: Number(revision) };
}

/** The memo under which a change that was not delivered yet says what is known of it. */
export const DELIVERY_MEMO = 'delivery';

/** What is known of a change that was not delivered yet. Times are RFC 3339. */
export interface Undelivered {
  readonly attempts: number;
  readonly lastAttemptAt: string;
  readonly problem: string;
  /** `null` once it is given up. */
  readonly nextAttemptAt: string | null;
}

/** Has a change that waits for its next attempt sent at once. */
export const deliverNow = defineSignal('deliverNow');

/** What a workflow asks of its own worker. */
export interface JourneyActivities {
  /** Hands a change of status over, to be told by a workflow of its own. One that was handed over before is left as it is. */
  tellStatus(status: Status): Promise<void>;
  /** Requests the cancellation of the journey that calls it: a workflow can only end as cancelled when it was asked to from outside. */
  requestCancellation(): Promise<void>;
  /** The time of the worker's own clock; a workflow knows the server's alone. */
  readClock(): Promise<number>;
}
