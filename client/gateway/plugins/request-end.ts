import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Calls back once for every request when its response has ended, including requests whose caller has disconnected, for
 * which Fastify calls no `onResponse`.
 */
export function onRequestEnd(
  app: FastifyInstance,
  ended: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  const seen = new WeakSet<FastifyRequest>();
  const end = (request: FastifyRequest, reply: FastifyReply) => {
    if (seen.has(request)) return;
    seen.add(request);
    ended(request, reply);
  };
  app.addHook('onRequest', async (request, reply) => {
    // With `headersSent` a response such as a stream is in progress; otherwise the handler is still running.
    reply.raw.once('close', () => reply.raw.headersSent && end(request, reply));
  });
  app.addHook('onSend', async (request, reply) => {
    if (reply.raw.destroyed || reply.raw.closed) end(request, reply);
  });
  app.addHook('onResponse', async (request, reply) => end(request, reply));
}
