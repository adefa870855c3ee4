import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

/** The order's activities, in JavaScript because `order-worker.js` runs them in a separate process without a build. */
export function paymentActivities(providerUrl) {
  const callProvider = async (call, request) => {
    const { signal } =
      Context.current().cancellationSignal === undefined ? {} : { signal: Context.current().cancellationSignal };
    const heartbeat = setInterval(() => Context.current().heartbeat(), 50);
    try {
      const reply = await fetch(`${providerUrl}/${call}`, { method: 'POST', body: JSON.stringify(request), signal });
      return await reply.json();
    } catch (error) {
      if (signal?.aborted) throw new CancelledFailure('stopped');
      throw error;
    } finally {
      clearInterval(heartbeat);
    }
  };
  return {
    reserve: (request) => callProvider('reserve', request),
    charge: (request) => callProvider('charge', request),
    release: (request) => callProvider('release', request),
  };
}
