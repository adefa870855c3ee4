import { ApplicationFailure, condition } from '@temporalio/workflow';
import { callOnce, PlainWorkflow } from '../engine/index.ts';
import type { PlainWorkflowFunction } from '../engine/index.ts';
import type { Delivery, DeliveryReply, ReceiverActivities } from '../../activities/contract.ts';
import { DELIVER_NOW_SIGNAL, DELIVERY_MEMO } from '../contract.ts';
import type { DeliveryProgress } from '../contract.ts';
import { HOUR, MINUTE, SECOND } from '../journey/policy/policy.ts';
import { formatTime } from '../journey/status/status.ts';
import { parseDeliverNow, parseInput, parseReply } from './parse.ts';

/** The delay before each attempt, as recommended by Standard Webhooks. */
const RETRY_SCHEDULE = [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

/** The receiver has 15 s to reply. A longer attempt means that the worker has died. */
const ATTEMPT_TIMEOUT_MS = 20 * SECOND;

/**
 * Delivers one status change to the receiver, with retries. Each change has a separate workflow, so that deliveries do not wait
 * for each other and journeys do not wait for deliveries.
 */
export const webhookDelivery: PlainWorkflowFunction = async (payload) => {
  const workflow = new PlainWorkflow(payload, { parseStart: parseInput, signalLifetime: Infinity });
  const { delivery, schedule = RETRY_SCHEDULE, keys = [] } = workflow.start;
  let isRequested = false;
  const known = new Set(keys);
  workflow.onSignal(DELIVER_NOW_SIGNAL, parseDeliverNow, ({ key }) => {
    if (key !== null && known.has(key)) return;
    if (key !== null) known.add(key);
    isRequested = true;
  });
  for (let attempts = 1; ; attempts += 1) {
    isRequested = false;
    const reply = await attemptDelivery(delivery);
    if (reply.type === 'accepted') return workflow.end(null);
    const { problem } = reply;
    const wait = reply.type === 'gone' ? undefined : waitFor(schedule[attempts], reply.retryAfter);
    const now = Date.now();
    const nextAttemptAt = wait === undefined ? null : formatTime(now + wait);
    const progress: DeliveryProgress = { attempts, lastAttemptAt: formatTime(now), problem, nextAttemptAt };
    workflow.upsertMemo(DELIVERY_MEMO, progress);
    if (wait === undefined) {
      throw ApplicationFailure.create({ type: 'StatusUndelivered', message: problem, nonRetryable: true });
    }
    await condition(() => isRequested, wait);
  }
};

/** Makes one attempt. Without an authentic result, such as after the death of the worker, it has failed; the schedule repeats it. */
async function attemptDelivery(delivery: Delivery): Promise<DeliveryReply> {
  const outcome = await callOnce<ReceiverActivities, 'deliver'>('deliver', delivery, parseReply, {
    startToCloseTimeout: ATTEMPT_TIMEOUT_MS,
    retry: { maximumAttempts: 1 },
  });
  if (outcome.kind === 'succeeded') return outcome.result;
  const problem = outcome.kind === 'failed' ? outcome.message : 'the worker did not report back';
  return { type: 'failed', problem, retryAfter: null };
}

/** The longer of the scheduled delay and the receiver's `Retry-After`. The schedule limits the number of attempts. */
function waitFor(scheduled: number | undefined, retryAfter: number | null): number | undefined {
  return scheduled === undefined ? undefined : Math.max(scheduled, retryAfter ?? 0);
}
