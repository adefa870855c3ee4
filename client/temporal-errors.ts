import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** The gRPC codes that tell more than that something failed (https://grpc.io/docs/guides/status-codes). */
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const UNAVAILABLE = 14;

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Whether Temporal cannot be reached, or cannot take more now. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return code === UNAVAILABLE || code === DEADLINE_EXCEEDED || code === RESOURCE_EXHAUSTED;
}

/** Whether Temporal calls the request itself wrong. */
export function isInvalid(error: unknown): boolean {
  return codeOf(error) === INVALID_ARGUMENT;
}
