import { isGrpcServiceError } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';

/** The gRPC codes (https://grpc.io/docs/guides/status-codes). */
export const grpc = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** Unwraps the gRPC error from the errors of the SDK and of Onward. */
function innermost(error: unknown): unknown {
  let inner = error;
  while (inner instanceof Error && !isGrpcServiceError(inner) && inner.cause !== undefined) inner = inner.cause;
  return inner;
}

/** Returns the gRPC code of a Temporal error; `undefined` for any other error. */
export function codeOf(error: unknown): number | undefined {
  const inner = innermost(error);
  return isGrpcServiceError(inner) ? inner.code : undefined;
}

/** Whether Temporal cannot be reached or is overloaded. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return code === grpc.UNAVAILABLE || code === grpc.DEADLINE_EXCEEDED || code === grpc.RESOURCE_EXHAUSTED;
}

/** Whether Temporal rejects requests to a workflow because its last workflow task failed. */
export function isWorkflowTaskFailing(error: unknown): boolean {
  return codeOf(error) === grpc.FAILED_PRECONDITION && serverMessage(error).includes('Workflow Task in failed state');
}

/** Whether a workflow run has reached Temporal's limit of updates. The next run accepts more. */
export function isUpdateLimitReached(error: unknown): boolean {
  return (
    codeOf(error) === grpc.FAILED_PRECONDITION &&
    serverMessage(error).includes('limit on the total number of distinct updates')
  );
}

/** Whether as many updates of one workflow are in flight as Temporal allows (ten by default). */
export function isInFlightLimit(error: unknown): boolean {
  return codeOf(error) === grpc.RESOURCE_EXHAUSTED && IN_FLIGHT.test(serverMessage(error));
}

const IN_FLIGHT = /concurrent in-flight updates/i;

/** The same check for a status in a gRPC interceptor. */
export function isInFlightStatus({ code, details }: { readonly code: number; readonly details: string }): boolean {
  return code === grpc.RESOURCE_EXHAUSTED && IN_FLIGHT.test(details);
}

/** Whether one workflow has reached the server's limit of pending work, or is closing at the moment. */
export function isBusyWorkflow(error: unknown): boolean {
  return codeOf(error) === grpc.RESOURCE_EXHAUSTED && /workflow is (busy|closing)/i.test(serverMessage(error));
}

/**
 * Whether the server stopped waiting for an update, because a workflow task failed or timed out, or the shard moved. The update may
 * have been accepted (`WorkflowUpdateAbortedErr` in https://github.com/temporalio/temporal, service/history/consts).
 */
export function isUpdateAborted(error: unknown): boolean {
  return codeOf(error) === grpc.UNAVAILABLE && serverMessage(error).includes('workflow update was aborted');
}

/** Whether Temporal rejects the request as invalid. */
export function isInvalidArgument(error: unknown): boolean {
  return codeOf(error) === grpc.INVALID_ARGUMENT;
}

/** Whether the caller lacks the permission or is not authenticated. */
export function isPermissionDenied(error: unknown): boolean {
  const code = codeOf(error);
  return code === grpc.PERMISSION_DENIED || code === grpc.UNAUTHENTICATED;
}

/** Whether the requested object does not exist. */
export function isNotFound(error: unknown): boolean {
  return codeOf(error) === grpc.NOT_FOUND;
}

/** Returns the server's message without the SDK's additions. */
export function serverMessage(error: unknown): string {
  const cause = innermost(error);
  // A `NativeConnection` provides no details; its message is the server's.
  if (isGrpcServiceError(cause)) return cause.details || cause.message;
  return cause instanceof Error ? cause.message : String(cause);
}

/** Returns `undefined` if Temporal has no such execution. */
export async function orMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || isNotFound(error)) return undefined;
    throw error;
  }
}
