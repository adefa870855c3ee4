import type { Registry } from 'prom-client';
import { z } from 'zod';
import { problemResponses } from '../plugins/problems.ts';
import { requireRole, json, requiresRole, secured } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';

export interface HealthOptions {
  /** Whether Temporal responds. */
  readonly isReady: () => Promise<boolean>;
  readonly metrics: Registry;
}

const Health = z.object({ status: z.enum(['ok', 'unavailable']) });
const about = (operationId: string, summary: string, description = 'Requires no token.') => ({
  operationId,
  tags: ['operating'],
  summary,
  description,
});

/** Registers the routes of health checks, metrics and the OpenAPI document. */
export async function healthRoutes(app: App, { isReady, metrics }: HealthOptions): Promise<void> {
  healthRoute(app);
  readinessRoute(app, isReady);
  metricsRoute(app, metrics);
  openapiRoute(app);
}

function healthRoute(app: App): void {
  app.get(
    '/healthz',
    {
      config: { rateLimit: false },
      schema: {
        ...about('health', 'Returns whether the process is alive.'),
        response: { 200: json('The process is alive.', Health), ...problemResponses('bad_request') },
      },
    },
    async () => ({ status: 'ok' as const }),
  );
}

function readinessRoute(app: App, isReady: HealthOptions['isReady']): void {
  app.get(
    '/readyz',
    {
      config: { rateLimit: false },
      schema: {
        ...about('readiness', 'Returns whether Temporal responds.'),
        response: {
          200: json('Temporal responds.', Health),
          503: json('Temporal does not respond.', Health),
          ...problemResponses('bad_request'),
        },
      },
    },
    async (_request, reply) => {
      if (await isReady()) return { status: 'ok' as const };
      reply.code(503);
      return { status: 'unavailable' as const };
    },
  );
}

function metricsRoute(app: App, metrics: Registry): void {
  app.get(
    '/metrics',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('metrics', 'Returns metrics for Prometheus.', requiresRole('viewer', 'operator')),
        security: secured,
        response: {
          200: {
            description: 'Metrics in the Prometheus text format.',
            content: { 'text/plain': { schema: z.string() } },
          },
          ...problemResponses(...requireRole),
        },
      },
    },
    async (_request, reply) => {
      const text = await metrics.metrics();
      return reply.type(metrics.contentType).serializer(String).send(text);
    },
  );
}

function openapiRoute(app: App): void {
  app.get(
    '/openapi.json',
    {
      config: { rateLimit: false },
      schema: {
        ...about('openapi', 'Returns this document.'),
        response: { 200: json('The OpenAPI 3.1 document.', z.looseObject({})), ...problemResponses('bad_request') },
      },
    },
    async (_request, reply) =>
      reply
        .serializer(JSON.stringify)
        .type('application/json')
        .send({ ...app.swagger() }),
  );
}
