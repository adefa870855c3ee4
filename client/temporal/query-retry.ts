import { status as codes } from '@grpc/grpc-js';
import type { StatusObject } from '@grpc/grpc-js';
import { makeGrpcRetryInterceptor } from '@temporalio/client';

/** A workflow task takes some milliseconds to complete, and its completion empties the buffer. */
const PAUSE_MS = 20;
/** About three seconds; the deadline of a read ends the attempts much earlier. */
const MAX_ATTEMPTS = 100;

/**
 * Retries a query at once that the server has refused because its query buffer is full.
 *
 * While a workflow task is scheduled or running, the server buffers queries until the task completes, and by default it buffers
 * one query for each workflow (`history.MaxBufferedQueryCount`). It refuses every further query with RESOURCE_EXHAUSTED. The
 * SDK then waits 1.4 to 2 seconds before it retries, which is longer than a reader waits.
 */
export const retryWhenQueryBufferFull = makeGrpcRetryInterceptor({
  retryableDecider: (attempt, status) => attempt < MAX_ATTEMPTS && isQueryBufferFull(status),
  delayFunction: () => PAUSE_MS * (0.5 + Math.random()),
});

/** The code and its cause, BUSY_WORKFLOW, also mean other limits, which need a longer wait. Only the text distinguishes them. */
function isQueryBufferFull({ code, details }: StatusObject): boolean {
  return code === codes.RESOURCE_EXHAUSTED && details.includes('query buffer is full');
}
