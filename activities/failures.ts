import { Context } from '@temporalio/activity';
import type { ApplicationFailure } from '@temporalio/common';
import type { FailureType, SendRequest } from './contract.ts';
import { ProviderError } from './provider-error.ts';
import { describeAttempt, firstTriedAt } from './send-attempts.ts';

/** An unexpected error has an unknown outcome, and its text is not passed on. */
function toProviderError(error: unknown): ProviderError {
  return error instanceof ProviderError ? error : new ProviderError('ProviderOutcomeUnknown', 'an internal error');
}

/** Converts an error of a check for Temporal. Only these types are retried. */
export function toCheckFailure(error: unknown, retryable: readonly FailureType[]): ApplicationFailure {
  const providerError = toProviderError(error);
  return providerError.toFailure({ isRetryable: retryable.includes(providerError.type) });
}

const SECOND = 1_000;
const MAX_BACKOFF_MS = 30 * SECOND;
/** How soon another worker, perhaps one of the right provider, may take a send. */
const OTHER_WORKER_DELAY_MS = 5 * SECOND;

/**
 * Converts an error of a send for Temporal. Retries a send that did not reach the provider or whose user it does not know yet after
 * 1, 2, 4 … at most 30 s, and a rate-limited send when the provider allows it, until the time for retries has passed. A send of
 * another provider is retried until a worker of that provider takes it.
 */
export function toSendFailure(
  error: unknown,
  times: Pick<SendRequest, 'retryFor' | 'unknownUserFor'>,
): ApplicationFailure {
  const providerError = toProviderError(error);
  const delay = sendDelay(providerError);
  if (delay === undefined) return providerError.toFailure({ isRetryable: false });
  const context = Context.current();
  const begun = firstTriedAt(context.info);
  if (providerError.type === 'OtherProvider') {
    context.heartbeat(describeAttempt(context.info, begun ?? null));
    return providerError.toFailure({ isRetryable: true, delay });
  }
  const beganAt = begun ?? Date.now();
  context.heartbeat(describeAttempt(context.info, beganAt));
  const time = providerError.type === 'ProviderUnknownUser' ? times.unknownUserFor : times.retryFor;
  return providerError.toFailure({ isRetryable: Date.now() + delay - beganAt <= time, delay });
}

function sendDelay({ type, retryAfter }: ProviderError): number | undefined {
  if (type === 'ProviderRateLimited') return retryAfter ?? undefined;
  if (type === 'OtherProvider') return OTHER_WORKER_DELAY_MS;
  if (type !== 'ProviderUnreached' && type !== 'ProviderUnknownUser') return undefined;
  return Math.min(2 ** (Context.current().info.attempt - 1) * SECOND, MAX_BACKOFF_MS);
}
