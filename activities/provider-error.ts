import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from './contract.ts';

/** Why the provider gave no answer. It contains only our own words: an error of the HTTP client carries the key and the code. */
export class ProviderError extends Error {
  readonly type: FailureType;
  /** The wait before a retry, in milliseconds; `null` if the provider neither names nor documents one. */
  readonly retryAfter: number | null;

  constructor(type: FailureType, detail: string, retryAfter: number | null = null) {
    super(detail);
    this.type = type;
    this.retryAfter = retryAfter;
  }

  /** Returns the failure for Temporal. `delay`: the wait before the retry, in milliseconds. Default: that of the activity's retry policy. */
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
