import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from './contract.ts';

/** Why the provider gave no answer. It contains only our own words: an error of the HTTP client carries the key and the code. */
export class ProviderError extends Error {
  readonly type: FailureType;
  /** Milliseconds to wait, if the provider named a time or has a rule. */
  readonly retryAfter: number | null;

  constructor(type: FailureType, detail: string, retryAfter: number | null = null) {
    super(detail);
    this.type = type;
    this.retryAfter = retryAfter;
  }

  /** The failure for Temporal. With a delay, the request is retried after it; without one, by the retry policy of the activity or never. */
  toFailure({ isRetryable, delay }: { isRetryable: boolean; delay?: number }): ApplicationFailure {
    return ApplicationFailure.create({
      type: this.type,
      message: this.message,
      nonRetryable: !isRetryable,
      ...(delay === undefined ? {} : { nextRetryDelay: delay }),
      ...(this.retryAfter === null ? {} : { details: [this.retryAfter] }),
    });
  }
}
