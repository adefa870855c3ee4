import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import { TooManyCommands, Unavailable } from '../errors.ts';
import type { OnwardError } from '../errors.ts';
import {
  codeOf,
  grpc,
  isBusyWorkflow,
  isPermissionDenied,
  isUpdateLimitReached,
  isWorkflowTaskFailing,
  isInFlightLimit,
  serverMessage,
} from './grpc-codes.ts';

interface Translation {
  readonly matches: (error: unknown) => boolean;
  readonly toError: (error: unknown) => OnwardError;
}

const hasCode = (...codes: readonly number[]) => {
  return (error: unknown) => codes.includes(codeOf(error) ?? -1);
};
const says = (code: number, words: RegExp) => {
  return (error: unknown) => codeOf(error) === code && words.test(serverMessage(error));
};
const unavailable = (
  message: string,
  options: { afterDeadline?: boolean; heldUp?: boolean; retryAfter?: number } = {},
) => {
  return (cause: unknown) => new Unavailable(message, { ...options, cause });
};

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

const AGAIN = 'try again in a few seconds';
const NEXT_RUN_AFTER_S = 1;

/** Translations of Temporal's errors. The first match applies. An error without a match is a bug in Onward. */
const translations: readonly Translation[] = [
  {
    matches: (error) => error instanceof WorkflowUpdateRPCTimeoutOrCancelledError,
    toError: unavailable('no worker has answered in time; try again, under the same idempotency key', {
      afterDeadline: true,
    }),
  },
  {
    matches: (error) => error instanceof NamespaceNotFoundError || says(grpc.NOT_FOUND, /namespace/i)(error),
    toError: unavailable('Temporal has no namespace of the configured name; check TEMPORAL_NAMESPACE'),
  },
  {
    matches: isWorkflowTaskFailing,
    toError: unavailable('no worker can proceed with this journey at the moment; `onward doctor` reports why', {
      heldUp: true,
    }),
  },
  {
    matches: isUpdateLimitReached,
    toError: unavailable(`this journey has reached the update limit of its run; ${AGAIN}`, {
      heldUp: true,
      retryAfter: NEXT_RUN_AFTER_S,
    }),
  },
  {
    matches: (error) => isInFlightLimit(error) || isBusyWorkflow(error),
    toError: (cause) =>
      new TooManyCommands('too many commands of this user are in flight', NEXT_RUN_AFTER_S, { cause }),
  },
  {
    matches: says(grpc.RESOURCE_EXHAUSTED, /message larger than max/i),
    toError: unavailable('a message is larger than Temporal accepts', { heldUp: true }),
  },
  {
    matches: hasCode(grpc.RESOURCE_EXHAUSTED),
    toError: unavailable(`Temporal accepts no more requests at the moment: its rate limit is reached; ${AGAIN}`),
  },
  {
    matches: hasCode(grpc.UNAVAILABLE),
    toError: unavailable(`Temporal cannot be reached; ${AGAIN}`),
  },
  {
    matches: hasCode(grpc.DEADLINE_EXCEEDED),
    toError: unavailable(`Temporal has not answered in time; ${AGAIN}`),
  },
  {
    matches: isPermissionDenied,
    toError: unavailable('Temporal refuses the credentials of this process; check TEMPORAL_API_KEY and TEMPORAL_TLS_*'),
  },
  {
    matches: says(grpc.INVALID_ARGUMENT, /search attribute/i),
    toError: unavailable('the namespace lacks a search attribute; run `onward setup`'),
  },
  {
    matches: hasCode(grpc.UNIMPLEMENTED),
    toError: unavailable('the Temporal server does not support a call that Onward needs; upgrade the server'),
  },
  {
    matches: hasCode(grpc.CANCELLED, grpc.UNKNOWN, grpc.ABORTED, grpc.INTERNAL, grpc.DATA_LOSS),
    toError: unavailable(`Temporal has failed to carry out the request; ${AGAIN}`),
  },
  {
    matches: (error) => error instanceof UnreadableValue,
    toError: (cause) =>
      new Unavailable(
        `what is stored was written by a release that this one cannot read: ${describe(cause)}; deploy the newer release`,
        { lasting: true, cause },
      ),
  },
];

/**
 * Translates a Temporal error into an `OnwardError`.
 *
 * @returns `Unavailable` or `TooManyCommands`, with the error as its cause; any error that is not Temporal's unchanged
 */
export function translateError(error: unknown): unknown {
  return translations.find(({ matches }) => matches(error))?.toError(error) ?? error;
}
