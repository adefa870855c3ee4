import { setMaxListeners } from 'node:events';
import type { FastifyInstance } from 'fastify';

/** Longer than any answer takes. */
const LONGEST_ANSWER = 20_000;
const LOOK_EVERY = 50;

/**
 * Ends the gateway in order: who waits is answered, what is in flight is finished, and then no connection holds the process,
 * be it one on which nothing was ever asked.
 *
 * @returns aborted when the end begins
 */
export function endInOrder(app: FastifyInstance): AbortSignal {
  const over = new AbortController();
  // Everybody who waits or reads a stream listens to it.
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
    const deadline = Date.now() + LONGEST_ANSWER;
    const look = setInterval(() => {
      if (inFlight > 0 && Date.now() < deadline) return;
      clearInterval(look);
      app.server.closeAllConnections();
    }, LOOK_EVERY);
  });
  return over.signal;
}
