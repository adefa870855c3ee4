import { Context } from '@temporalio/activity';
import type { Info } from '@temporalio/activity';
import { UnreadableValue } from '../workflows/engine/core/parse-values.ts';
import type { Parser } from '../workflows/engine/core/parse-values.ts';
import type { SendRequest } from './contract.ts';
import { parseSendRequest } from './parse-requests.ts';
import { ProviderError } from './provider-error.ts';

/** The heartbeat details that an attempt of a send passes to the next one. */
interface SendProgress {
  /** The time counts from the first attempt, not from the queue; in milliseconds since 1970. `null` before the first. */
  readonly firstTriedAt: number | null;
  readonly attempt: number;
  /** An activity of a later run may have the same id, and so the same encryption. */
  readonly runId: string;
}

type AttemptInfo = Pick<Info, 'attempt' | 'heartbeatDetails' | 'workflowExecution'>;
type ScheduleInfo = Pick<Info, 'scheduledTimestampMs' | 'currentAttemptScheduledTimestampMs'>;

/** When the first attempt at the provider was made, in milliseconds since 1970; `undefined` before it. */
export function firstTriedAt(info: AttemptInfo): number | undefined {
  return progressOf(info)?.firstTriedAt ?? undefined;
}

/** Describes an attempt that has failed. `firstTriedAt` is `null` if no attempt has called the provider yet. */
export function describeAttempt(
  { attempt, workflowExecution }: AttemptInfo,
  firstTriedAt: number | null,
): SendProgress {
  return { firstTriedAt, attempt, runId: workflowExecution?.runId ?? '' };
}

/**
 * Checks that the attempt before ended with a failure of this activity, which leaves an encrypted heartbeat. Anyone who can write to
 * Temporal can report a failure of a request in flight, and each retry would then send another code. They can also reset the activity:
 * its next attempt then counts as the first, but is scheduled later than the activity.
 *
 * @throws ApplicationFailure with an unknown outcome
 */
export function checkPreviousAttempt(info: AttemptInfo & ScheduleInfo): void {
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
  const isFirst = attempt === 1 && currentAttemptScheduledTimestampMs === scheduledTimestampMs;
  if (isFirst || progressOf(info)?.attempt === attempt - 1) return;
  const detail = 'the previous attempt was not ended by a worker';
  throw new ProviderError('ProviderOutcomeUnknown', detail).toFailure({ isRetryable: false });
}

/**
 * Parses the request of a send, once the attempt before it is checked. A request that another release has written and this one cannot
 * read leaves a heartbeat, so that a worker of that release may make the next attempt.
 *
 * @throws UnreadableValue, ApplicationFailure
 */
export const parseSendAttempt: Parser<SendRequest> = (value, path) => {
  const context = Context.current();
  checkPreviousAttempt(context.info);
  try {
    return parseSendRequest(value, path);
  } catch (error) {
    if (error instanceof UnreadableValue) {
      context.heartbeat(describeAttempt(context.info, firstTriedAt(context.info) ?? null));
    }
    throw error;
  }
};

function progressOf({ heartbeatDetails, workflowExecution }: AttemptInfo): SendProgress | undefined {
  const progress = Object(heartbeatDetails) as SendProgress;
  const isTime = progress.firstTriedAt === null || typeof progress.firstTriedAt === 'number';
  const isOfRun = progress.runId === (workflowExecution?.runId ?? '');
  return isTime && isOfRun && typeof progress.attempt === 'number' ? progress : undefined;
}
