import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  Channel,
  CheckActivities,
  ConfirmReply,
  FailureType,
  SendActivities,
  SendReply,
} from '../activities/contract.ts';
import { checkQueue, sendQueue } from './contract.ts';
import type { Answer } from './events.ts';
import type { Policy } from './policy.ts';
import { MINUTE, SECOND } from './policy.ts';

/** An answer before the workflow has put the time on it. */
export type Untimed = Answer extends infer A ? (A extends Answer ? Omit<A, 'at'> : never) : never;

/** What became of asking for the provider's record. */
export type RecordAnswer = Extract<Untimed, { readonly type: `record${string}` }>;

/** The worker's own share of a call: what is past the provider's time-out means that the worker has died. */
const WORKER_GRACE = 3 * SECOND;

/** A worker's death in the middle of a request leaves its outcome unknown, so Temporal must not repeat it. */
const NEVER_BLINDLY = ['TemporalTimeout:StartToClose'];

/** Recovery's tries give way to what users have asked for; where a server knows no priorities, they are few at a time. */
const LAST = { priorityKey: 5 };

/** Asks the provider, and reads what becomes of it as an answer for the machine. A retry is Temporal's. */
export function asking(userId: string, policy: Pick<Policy, 'callTimeout' | 'retrySendFor'>) {
  const timeout = policy.callTimeout;
  const { taskQueue } = workflowInfo();
  const common = { startToCloseTimeout: timeout + WORKER_GRACE };

  const sending = {
    ...common,
    taskQueue: sendQueue(taskQueue),
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2, nonRetryableErrorTypes: NEVER_BLINDLY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  };
  const sends = proxyActivities<SendActivities>(sending);
  const tries = proxyActivities<SendActivities>({ ...sending, priority: LAST });
  const quick = { maximumAttempts: 3, initialInterval: 200 };
  const confirms = proxyActivities<CheckActivities>({
    ...common,
    taskQueue: checkQueue(taskQueue),
    retry: { ...quick, nonRetryableErrorTypes: NEVER_BLINDLY },
  });
  const reads = proxyActivities<CheckActivities>({ ...common, taskQueue: checkQueue(taskQueue), retry: quick });

  return {
    /** `stop` ends the retrying; the answer then tells how far it had come. `once`: there is no retrying. */
    send(channel: Channel, once = false): { readonly answer: Promise<Untimed>; readonly stop: () => void } {
      const scope = new CancellationScope();
      const request = { userId, channel, timeout, retryFor: once ? 0 : policy.retrySendFor };
      const answer = scope.run(() => (once ? tries : sends).sendCode(request)).then(sendReply, sendSilence);
      return { answer, stop: () => scope.cancel() };
    },

    confirm(channel: Channel, code: string): Promise<Untimed> {
      return confirms.confirmCode({ userId, channel, code, timeout }).then(confirmReply, confirmSilence);
    },

    async readUser(): Promise<RecordAnswer> {
      try {
        return { type: 'recordRead', record: await reads.readUser({ userId, timeout }) };
      } catch (error) {
        const { type, detail } = silenceOf(error);
        if (type === 'ProviderRefused') return { type: 'recordRefused', detail };
        if (type === 'ProviderCredentials') return { type: 'recordCredentials', detail };
        return { type: 'recordUnread', detail };
      }
    },
  };
}

function sendReply(reply: SendReply): Untimed {
  switch (reply.type) {
    case 'sent':
      return { type: 'codeSent', to: reply.to };
    case 'alreadyVerified':
      return { type: 'sendAlreadyVerified' };
    case 'refused':
      return { type: 'sendRefused', detail: reply.detail };
  }
}

function sendSilence(error: unknown): Untimed {
  if (isCancellation(error)) return { type: 'sendStopped' };
  const { type, detail } = silenceOf(error);
  switch (type) {
    case 'ProviderUnreached':
      return { type: 'sendUnreached', detail };
    case 'ProviderRateLimited':
      return { type: 'sendRateLimited', detail };
    case 'ProviderCredentials':
      return { type: 'sendCredentials', detail };
    case 'ProviderRefused':
      return { type: 'sendRefused', detail };
    case 'ProviderOutcomeUnknown':
      return { type: 'sendUnknown', detail };
  }
}

function confirmReply(reply: ConfirmReply): Untimed {
  switch (reply.type) {
    case 'right':
      return { type: 'codeRight' };
    case 'alreadyVerified':
      return { type: 'codeAlreadyVerified' };
    case 'wrong':
      return { type: 'codeWrong' };
  }
}

function confirmSilence(error: unknown): Untimed {
  const { type, detail, retryAfter } = silenceOf(error);
  if (type === 'ProviderOutcomeUnknown') return { type: 'codeUnknown', detail };
  return { type: 'codeNotJudged', detail, retryAfter };
}

interface Silence {
  readonly type: FailureType;
  readonly detail: string;
  /** Milliseconds, where the provider named them. */
  readonly retryAfter: number | null;
}

/** What cannot be told apart is unknown: a time-out of the worker, and any failure that the activity did not name. */
function silenceOf(error: unknown): Silence {
  if (!(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || !isFailureType(cause.type)) {
    return { type: 'ProviderOutcomeUnknown', detail: 'the worker did not report back', retryAfter: null };
  }
  const [retryAfter] = (cause.details ?? []) as [number?];
  return { type: cause.type, detail: cause.message, retryAfter: retryAfter ?? null };
}

const failureTypes: { readonly [T in FailureType]: true } = {
  ProviderUnreached: true,
  ProviderRateLimited: true,
  ProviderCredentials: true,
  ProviderOutcomeUnknown: true,
  ProviderRefused: true,
};

function isFailureType(type: string | null | undefined): type is FailureType {
  return type !== null && type !== undefined && type in failureTypes;
}
