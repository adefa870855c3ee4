import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

const OFTEN = 2_000;

/**
 * Says now and then that work goes on, so that a worker's death is noticed in seconds. When the worker is closing, the work is
 * left to another one at once: it waits for journeys, which this one answers for no more.
 */
export async function alive<T>(closing: AbortSignal, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  context.heartbeat();
  const beat = setInterval(() => context.heartbeat(), OFTEN);
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(ApplicationFailure.retryable('this worker is closing', 'WorkerCloses'));
    if (closing.aborted) leave();
    closing.addEventListener('abort', leave);
  });
  try {
    return await Promise.race([work(), left]);
  } finally {
    clearInterval(beat);
    closing.removeEventListener('abort', leave);
  }
}
