import type { Registry } from 'prom-client';
import { z } from 'zod';
import { refusals } from './problems.ts';
import { guarded, json, secured } from './routes.ts';
import type { App } from './routes.ts';

export interface OperatingOptions {
  /** Whether Temporal answers. */
  readonly isReady: () => Promise<boolean>;
  readonly metrics: Registry;
}

const Health = z.object({ status: z.enum(['ok', 'unavailable']) });
const about = (operationId: string, summary: string) => ({ operationId, tags: ['operating'], summary });

/** The doors for those who run the process. */
export async function operating(app: App, { isReady, metrics }: OperatingOptions): Promise<void> {
  app.get(
    '/healthz',
    {
      config: { rateLimit: false },
      schema: { ...about('health', 'Whether the process lives'), response: { 200: json('It does.', Health) } },
    },
    async () => ({ status: 'ok' as const }),
  );
  app.get(
    '/readyz',
    {
      config: { rateLimit: false },
      schema: {
        ...about('readiness', 'Whether Temporal answers'),
        response: { 200: json('It does.', Health), 503: json('It does not.', Health) },
      },
    },
    async (_request, reply) => {
      if (await isReady()) return { status: 'ok' as const };
      reply.code(503);
      return { status: 'unavailable' as const };
    },
  );
  app.get(
    '/metrics',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('metrics', 'Metrics for Prometheus'),
        security: secured,
        response: {
          200: { description: 'Prometheus’ text format.', content: { 'text/plain': { schema: z.string() } } },
          ...refusals(...guarded),
        },
      },
    },
    async (_request, reply) => {
      const text = await metrics.metrics();
      return reply.type(metrics.contentType).serializer(String).send(text);
    },
  );
  app.get(
    '/openapi.json',
    {
      config: { rateLimit: false },
      schema: { ...about('openapi', 'This document'), response: { 200: json('OpenAPI 3.1.', z.looseObject({})) } },
    },
    async (_request, reply) =>
      reply
        .serializer(JSON.stringify)
        .type('application/json')
        .send({ ...app.swagger() }),
  );
}
