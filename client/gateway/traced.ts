import type { FastifyInstance } from 'fastify';
import { beginRequest } from '../spans.ts';
import type { RequestSpan } from '../spans.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: RequestSpan | null;
  }
}

/** Makes each request a span, under which its calls to Temporal stand. */
export function traced(app: FastifyInstance): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    request.span = beginRequest({ method, route: routeOptions.url ?? 'none', headers });
    done();
  });
  // Only from here on: reading a body loses the context.
  app.addHook('preHandler', ({ span }, _reply, done) => (span === null ? done() : span.run(done)));
  app.addHook('onResponse', async ({ span }, { statusCode }) => span?.end(statusCode));
}
