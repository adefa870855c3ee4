import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineQuery,
  defineUpdate,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Channel, CheckActivities, SendActivities } from '../../activities/contract.ts';
import { attributeKeys, checkQueue, sendQueue } from '../../workflows/contract.ts';
import { callOnce } from '../../workflows/engine/index.ts';
import type { ActivityOutcome } from '../../workflows/engine/runtime/activity-effects.ts';
import { parseConfirmReply, parseSendReply } from '../../workflows/journey/stored/parse-replies.ts';

/** Every worker reports the provider's replies to this workflow. */
export { providerHealth } from '../../workflows/provider-health/workflow.ts';

/**
 * The journey as a plain Temporal workflow: the same activities, messages and events on the happy path, without a machine, a send
 * ledger or a policy. It exists for the comparison and lacks everything that those provide.
 */

export interface TwinStatus {
  readonly userId: string;
  readonly state: 'emailPending' | 'smsPending' | 'done';
  readonly step: 'sending' | 'awaitingCode' | 'checkingCode' | null;
  readonly verified: readonly Channel[];
}

export const statusQuery = defineQuery<TwinStatus>('status');
export interface CodeSubmission {
  readonly channel: Channel;
  readonly code: string;
}
export interface TwinReply {
  readonly outcome: 'verified' | 'incorrect';
  readonly status: TwinStatus;
}
export const submitCodeUpdate = defineUpdate<TwinReply, [CodeSubmission]>('submitCode');

const TIMEOUT_MS = 10_000;

/** The activities accept only sealed requests, which is the engine's part of a call. */
function resultOf<Result>(outcome: ActivityOutcome<Result>): Result {
  if (outcome.kind !== 'succeeded') throw ApplicationFailure.nonRetryable(`the activity has ${outcome.kind}`);
  return outcome.result;
}

export async function onboarding({ userId }: { readonly userId: string }): Promise<TwinStatus> {
  const { taskQueue } = workflowInfo();
  const common = { startToCloseTimeout: TIMEOUT_MS + 3_000, retry: { maximumAttempts: 3 } };
  const sends = { ...common, taskQueue: sendQueue(taskQueue) };
  const checks = { ...common, taskQueue: checkQueue(taskQueue) };
  const verified = new Set<Channel>();
  let state: TwinStatus['state'] = 'emailPending';
  let step: TwinStatus['step'] = 'sending';
  const status = (): TwinStatus => ({ userId, state, step, verified: [...verified] });

  setHandler(statusQuery, status);
  setHandler(
    submitCodeUpdate,
    async ({ channel, code }): Promise<TwinReply> => {
      step = 'checkingCode';
      const request = { userId, provider: null, channel, code, timeout: TIMEOUT_MS };
      const reply = resultOf(
        await callOnce<CheckActivities, 'confirmCode'>('confirmCode', request, parseConfirmReply, checks),
      );
      step = 'awaitingCode';
      if (reply.type === 'wrong') return { outcome: 'incorrect', status: status() };
      verified.add(channel);
      return { outcome: 'verified', status: status() };
    },
    {
      validator: (_asked: CodeSubmission) => {
        if (step !== 'awaitingCode') throw ApplicationFailure.nonRetryable('not now', 'NotNow');
      },
    },
  );

  let reminded = false;
  for (const channel of ['email', 'sms'] as const) {
    step = 'sending';
    if (channel === 'sms') {
      state = 'smsPending';
      upsertSearchAttributes([
        { key: attributeKeys.state, value: state },
        { key: attributeKeys.since, value: new Date() },
      ]);
    }
    const request = {
      userId,
      provider: null,
      channel,
      timeout: TIMEOUT_MS,
      retryFor: 120_000,
      unknownUserFor: 600_000,
    };
    const sent = resultOf(await callOnce<SendActivities, 'sendCode'>('sendCode', request, parseSendReply, sends));
    if (sent.type === 'alreadyVerified') continue;
    step = 'awaitingCode';
    if (!reminded) void sleep('24 hours');
    reminded = true;
    await condition(() => verified.has(channel));
  }
  state = 'done';
  step = null;
  await condition(allHandlersFinished);
  return status();
}
