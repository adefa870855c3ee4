import { setMaxListeners } from 'node:events';
import type { FastifyInstance } from 'fastify';

/** Longer than any response takes. */
const SHUTDOWN_TIMEOUT_MS = 20_000;
const POLL_INTERVAL_MS = 50;

/**
 * Shuts the gateway down in order: answers waiting callers, finishes requests in flight, and then closes all connections,
 * including idle ones that never carried a request.
 *
 * @returns a signal that is aborted when the shutdown begins
 */
export function registerGracefulShutdown(app: FastifyInstance): AbortSignal {
  const over = new AbortController();
  // Every long poll and stream listens to it.
  setMaxListeners(0, over.signal);
  let inFlight = 0;
  app.addHook('onRequest', async (_request, { raw }) => {
    inFlight += 1;
    raw.once('close', () => (inFlight -= 1));
  });
  app.addHook('onSend', async (_request, reply) => {
    if (over.signal.aborted) reply.header('connection', 'close');
  });
  app.addHook('preClose', async () => {
    over.abort();
    const deadline = Date.now() + SHUTDOWN_TIMEOUT_MS;
    const timer = setInterval(() => {
      if (inFlight > 0 && Date.now() < deadline) return;
      clearInterval(timer);
      app.server.closeAllConnections();
    }, POLL_INTERVAL_MS);
  });
  return over.signal;
}
