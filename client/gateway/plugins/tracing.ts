import type { FastifyInstance } from 'fastify';
import { beginRequest } from '../../telemetry/spans.ts';
import type { RequestSpan } from '../../telemetry/spans.ts';
import { onRequestEnd } from './request-end.ts';

declare module 'fastify' {
  interface FastifyRequest {
    span: RequestSpan | null;
  }
}

/** Creates a span for each request, the parent of the spans of its calls to Temporal. */
export function registerTracing(app: FastifyInstance): void {
  app.decorateRequest('span', null);
  app.addHook('onRequest', (request, _reply, done) => {
    const { method, headers, routeOptions } = request;
    request.span = beginRequest({ method, route: routeOptions.url ?? 'none', headers });
    done();
  });
  // Set after the body is read, because reading it loses the async context.
  app.addHook('preHandler', ({ span }, _reply, done) => (span === null ? done() : span.run(done)));
  onRequestEnd(app, ({ span }, { statusCode }) => span?.end(statusCode));
}
