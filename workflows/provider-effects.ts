import { ActivityCancellationType, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { CheckActivities, SendActivities } from '../activities/contract.ts';
import { callOnce } from './engine/index.ts';
import type { EffectTable } from './engine/index.ts';
import { checkQueue, sendQueue } from './contract.ts';
import type { JourneyActivities } from './contract.ts';
import type { effects } from './journey/machine/effects.ts';
import { parseConfirmReply, parseSendReply, parseUserRecord } from './journey/stored/parse-replies.ts';
import type { Policy } from './journey/policy/policy.ts';
import { MINUTE, SECOND } from './journey/policy/policy.ts';
import type { Machine } from './journey/transition.ts';
import {
  toConfirmFailure,
  toConfirmReply,
  toRecordFailure,
  toRecordReply,
  toSendFailure,
  toSendReply,
} from './provider-replies.ts';
import type { RecordReply } from './provider-replies.ts';

/** The margin for the worker beyond the provider's timeout. A longer call means that the worker has died. */
const TIMEOUT_MARGIN_MS = 3 * SECOND;

/** If a worker dies during a request, the outcome is unknown, so Temporal must not retry it. */
const NON_IDEMPOTENT_RETRY = ['TemporalTimeout:StartToClose'];

/** Recovery attempts yield to requests of users. On a server without priorities, the recovery rate limits them. */
const LOW_PRIORITY = { priorityKey: 5 };

/** A code is checked before any record is read: its user waits for it. The default is 3. */
const HIGH_PRIORITY = { priorityKey: 1 };

export type Activities = SendActivities & CheckActivities & JourneyActivities;

/** How each effect of a journey is performed. */
export const providerEffects: EffectTable<Machine, typeof effects, Activities> = {
  send: {
    activity: 'sendCode',
    request: ({ channel, once = false }, { userId, provider, policy }) => {
      const { retrySendFor: retryFor, unknownUserFor } = once ? { retrySendFor: 0, unknownUserFor: 0 } : policy;
      return { userId, provider, channel, timeout: policy.callTimeout, retryFor, unknownUserFor };
    },
    options: ({ once = false }, { policy }) => ({
      startToCloseTimeout: policy.callTimeout + TIMEOUT_MARGIN_MS,
      taskQueue: sendQueue(workflowInfo().taskQueue),
      retry: { initialInterval: SECOND, maximumInterval: MINUTE / 2, nonRetryableErrorTypes: NON_IDEMPOTENT_RETRY },
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      ...(once && { priority: LOW_PRIORITY }),
    }),
    parseResult: parseSendReply,
    onResult: toSendReply,
    onFailure: (failure) => toSendFailure(failure, Date.now()),
  },
  stopSend: { cancels: 'send' },
  confirm: {
    activity: 'confirmCode',
    request: ({ channel, code }, { userId, provider, policy }) => ({
      userId,
      provider,
      channel,
      code,
      timeout: policy.callTimeout,
    }),
    options: (_, { policy }) => ({ ...checkOptions(policy, NON_IDEMPOTENT_RETRY), priority: HIGH_PRIORITY }),
    parseResult: parseConfirmReply,
    onResult: toConfirmReply,
    onFailure: toConfirmFailure,
  },
  readUser: {
    activity: 'readUser',
    request: (_, { userId, provider, policy }) => ({ userId, provider, timeout: policy.callTimeout }),
    options: (_, { policy }) => checkOptions(policy),
    parseResult: parseUserRecord,
    onResult: toRecordReply,
    onFailure: toRecordFailure,
  },
};

/** Requests the provider's record of a user, for workflows without a machine. A worker of any provider may answer. */
export async function requestRecord(userId: string, policy: Pick<Policy, 'callTimeout'>): Promise<RecordReply> {
  const request = { userId, provider: null, timeout: policy.callTimeout };
  const outcome = await callOnce<CheckActivities, 'readUser'>(
    'readUser',
    request,
    parseUserRecord,
    checkOptions(policy),
  );
  return outcome.kind === 'succeeded' ? toRecordReply(outcome.result) : toRecordFailure(outcome);
}

function checkOptions(
  { callTimeout }: Pick<Policy, 'callTimeout'>,
  nonRetryableErrorTypes: string[] = [],
): ActivityOptions {
  return {
    startToCloseTimeout: callTimeout + TIMEOUT_MARGIN_MS,
    taskQueue: checkQueue(workflowInfo().taskQueue),
    retry: { maximumAttempts: 3, initialInterval: 200, nonRetryableErrorTypes },
  };
}
