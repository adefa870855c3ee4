import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

const HEARTBEAT_INTERVAL_MS = 2_000;

/**
 * Sends heartbeats while the work runs, so that Temporal notices a dead worker within seconds. When this worker shuts down,
 * the activity fails at once and another worker takes it over: it waits for journeys that this worker no longer processes.
 */
export async function withHeartbeat<T>(closing: AbortSignal, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
  let abandon = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    abandon = () => reject(ApplicationFailure.retryable('this worker is shutting down', 'WorkerShutdown'));
    if (closing.aborted) abandon();
    closing.addEventListener('abort', abandon);
  });
  try {
    return await Promise.race([work(), abandoned]);
  } finally {
    clearInterval(timer);
    closing.removeEventListener('abort', abandon);
  }
}
