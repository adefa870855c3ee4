import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  proxyActivities,
  setHandler,
  upsertMemo,
} from '@temporalio/workflow';
import type { Delivery, ReceiverActivities } from '../activities/contract.ts';
import { deliverNow, DELIVERY_MEMO } from './contract.ts';
import type { Undelivered } from './contract.ts';
import { HOUR, MINUTE, SECOND } from './policy.ts';
import { time } from './status.ts';

/** The waits before each attempt, counted from the one before: those that Standard Webhooks advises. */
const SCHEDULE = [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

/** The receiver has 15 s; what is past that means that the worker has died. */
const TIMEOUT = 20 * SECOND;

export interface Telling {
  readonly delivery: Delivery;
  /** The waits in milliseconds, where others are wanted. */
  readonly schedule?: readonly number[];
}

/**
 * Tells a receiver of one change of a status, until it has taken it. Each change is told by a workflow of its own, so that
 * none waits for another, and no journey for any.
 */
export async function statusChange({ delivery, schedule = SCHEDULE }: Telling): Promise<void> {
  let atOnce = false;
  setHandler(deliverNow, () => void (atOnce = true));
  const { deliver } = proxyActivities<ReceiverActivities>({
    startToCloseTimeout: TIMEOUT,
    retry: { maximumAttempts: 1 },
  });
  for (let attempts = 1; ; attempts += 1) {
    atOnce = false;
    const problem = await deliver(delivery).then(() => undefined, problemOf);
    if (problem === undefined) return;
    const wait = schedule[attempts];
    const now = Date.now();
    const nextAttemptAt = wait === undefined ? null : time(now + wait);
    const known: Undelivered = { attempts, lastAttemptAt: time(now), problem, nextAttemptAt };
    upsertMemo({ [DELIVERY_MEMO]: known });
    if (wait === undefined) {
      throw ApplicationFailure.create({ type: 'StatusUndelivered', message: problem, nonRetryable: true });
    }
    await condition(() => atOnce, wait);
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof ActivityFailure)) throw error;
  return error.cause instanceof ApplicationFailure ? error.cause.message : 'the worker did not report back';
}
