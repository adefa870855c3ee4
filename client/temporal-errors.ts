import { isGrpcServiceError, ServiceError } from '@temporalio/client';

/** The gRPC codes that tell more than that something failed (https://grpc.io/docs/guides/status-codes). */
const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Whether Temporal cannot be reached, or cannot take more now. */
export function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return code === UNAVAILABLE || code === DEADLINE_EXCEEDED || code === RESOURCE_EXHAUSTED;
}

/** Whether Temporal has a workflow take nothing, since its last task has failed: no worker can go on with it now. */
export function isHeldUp(error: unknown): boolean {
  return codeOf(error) === FAILED_PRECONDITION && saidBy(error).includes('Workflow Task in failed state');
}

/** Whether this run of a workflow has taken as many updates as Temporal lets one take; the next run takes more. */
export function isFull(error: unknown): boolean {
  return (
    codeOf(error) === FAILED_PRECONDITION && saidBy(error).includes('limit on the total number of distinct updates')
  );
}

/** Whether Temporal calls the request itself wrong. */
export function isInvalid(error: unknown): boolean {
  return codeOf(error) === INVALID_ARGUMENT;
}

/** Whether this caller may not ask for that, or is not known at all. */
export function isForbidden(error: unknown): boolean {
  const code = codeOf(error);
  return code === PERMISSION_DENIED || code === UNAUTHENTICATED;
}

/** Whether there is no such thing. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === NOT_FOUND;
}

/** What the server said, without the SDK's own words around it. */
export function saidBy(error: unknown): string {
  const cause = error instanceof ServiceError ? error.cause : error;
  // A worker's own connection gives no details; its message is the server's.
  if (isGrpcServiceError(cause)) return cause.details || cause.message;
  return cause instanceof Error ? cause.message : String(cause);
}
