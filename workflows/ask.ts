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
import type { Context } from './context.ts';
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

/** Whom it is about, and how long the provider may take over it. */
interface For {
  readonly userId: string;
  readonly policy: Pick<Policy, 'callTimeout'>;
}

export interface Sending {
  readonly answer: Promise<Untimed>;
  /** Ends the retrying; the answer then tells how far it had come. */
  readonly stop: () => void;
}

/** Asks for a code to be sent. `once`: there is no retrying. */
export function askToSend(
  { userId, policy }: Pick<Context, 'userId' | 'policy'>,
  channel: Channel,
  once = false,
): Sending {
  const timeout = policy.callTimeout;
  const { sendCode } = proxyActivities<SendActivities>({
    startToCloseTimeout: timeout + WORKER_GRACE,
    taskQueue: sendQueue(workflowInfo().taskQueue),
    retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2, nonRetryableErrorTypes: NEVER_BLINDLY },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...(once && { priority: LAST }),
  });
  const scope = new CancellationScope();
  const request = { userId, channel, timeout, retryFor: once ? 0 : policy.retrySendFor };
  const answer = scope.run(() => sendCode(request)).then(sendReply, sendSilence);
  return { answer, stop: () => scope.cancel() };
}

/** Asks whether a code is the one that was sent. */
export function askToConfirm(whose: For, channel: Channel, code: string): Promise<Untimed> {
  const { confirmCode } = checks(whose, NEVER_BLINDLY);
  const { userId, policy } = whose;
  return confirmCode({ userId, channel, code, timeout: policy.callTimeout }).then(confirmReply, confirmSilence);
}

/** Asks for the provider's record of the user. */
export async function askForRecord(whose: For): Promise<RecordAnswer> {
  const { readUser } = checks(whose);
  const { userId, policy } = whose;
  try {
    return { type: 'recordRead', record: await readUser({ userId, timeout: policy.callTimeout }) };
  } catch (error) {
    const { type, detail } = silenceOf(error);
    if (type === 'ProviderRefused') return { type: 'recordRefused', detail };
    if (type === 'ProviderCredentials') return { type: 'recordCredentials', detail };
    return { type: 'recordUnread', detail };
  }
}

function checks({ policy }: For, nonRetryableErrorTypes: string[] = []) {
  return proxyActivities<CheckActivities>({
    startToCloseTimeout: policy.callTimeout + WORKER_GRACE,
    taskQueue: checkQueue(workflowInfo().taskQueue),
    retry: { maximumAttempts: 3, initialInterval: 200, nonRetryableErrorTypes },
  });
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
