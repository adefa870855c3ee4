import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineQuery,
  defineUpdate,
  proxyActivities,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Channel, CheckActivities, SendActivities } from '../../activities/contract.ts';
import { attributes, checkQueue, sendQueue } from '../../workflows/contract.ts';

/** Workers tell the provider's answers to it, whosever journeys they work on. */
export { pulse } from '../../workflows/pulse/pulse.ts';

/**
 * The same journey as one would write it for Temporal alone: the same activities, messages and events on the happy path,
 * without a machine, a ledger or a policy. It is here to be measured against, and lacks all that those are for.
 */

export interface TwinStatus {
  readonly userId: string;
  readonly state: 'emailPending' | 'smsPending' | 'done';
  readonly step: 'sending' | 'awaitingCode' | 'checkingCode' | null;
  readonly verified: readonly Channel[];
}

export const statusQuery = defineQuery<TwinStatus>('status');
export interface Submitted {
  readonly channel: Channel;
  readonly code: string;
}
export interface TwinReply {
  readonly outcome: 'verified' | 'incorrect';
  readonly status: TwinStatus;
}
export const submitCodeUpdate = defineUpdate<TwinReply, [Submitted]>('submitCode');

const TIMEOUT = 10_000;

export async function onboarding({ userId }: { readonly userId: string }): Promise<TwinStatus> {
  const { taskQueue } = workflowInfo();
  const common = { startToCloseTimeout: TIMEOUT + 3_000, retry: { maximumAttempts: 3 } };
  const { sendCode } = proxyActivities<SendActivities>({ ...common, taskQueue: sendQueue(taskQueue) });
  const { confirmCode } = proxyActivities<CheckActivities>({ ...common, taskQueue: checkQueue(taskQueue) });
  const verified = new Set<Channel>();
  let state: TwinStatus['state'] = 'emailPending';
  let step: TwinStatus['step'] = 'sending';
  const status = (): TwinStatus => ({ userId, state, step, verified: [...verified] });

  setHandler(statusQuery, status);
  setHandler(
    submitCodeUpdate,
    async ({ channel, code }): Promise<TwinReply> => {
      step = 'checkingCode';
      const reply = await confirmCode({ userId, channel, code, timeout: TIMEOUT });
      step = 'awaitingCode';
      if (reply.type === 'wrong') return { outcome: 'incorrect', status: status() };
      verified.add(channel);
      return { outcome: 'verified', status: status() };
    },
    {
      validator: (_asked: Submitted) => {
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
        { key: attributes.state, value: state },
        { key: attributes.since, value: new Date() },
      ]);
    }
    const sent = await sendCode({ userId, channel, timeout: TIMEOUT, retryFor: 120_000 });
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
