import { z } from 'zod';
import type { Onward } from '../../onward.ts';
import { problemResponses } from '../plugins/problems.ts';
import {
  callerOf,
  withoutUndefined,
  json,
  Keyed,
  requireRole,
  requiresRole,
  secured,
  withBody,
} from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { OperationId, ResendBody } from '../schemas/bulk-operations.ts';
import { PageQuery, Resent, Undelivered } from '../schemas/journeys.ts';

const about = (operationId: string, summary: string) => ({
  operationId,
  tags: ['webhooks'],
  summary,
  security: secured,
});

/** Registers the routes of undelivered status changes. */
export async function webhookRoutes(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.get(
    '/v1/webhooks',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('webhooks', 'Lists the status changes that were not delivered.'),
        description: requiresRole('viewer', 'operator'),
        querystring: PageQuery,
        response: {
          200: json('A page of deliveries, the most recent first.', Undelivered),
          ...problemResponses(...requireRole, 'unavailable'),
        },
      },
    },
    ({ query: { limit, cursor } }) => onward.webhooks.list(limit, cursor),
  );
  resendAllRoute(app, onward);
  app.post(
    '/v1/webhooks/:id/resend',
    {
      config: { roles: ['operator'], act: 'resendWebhook' },
      schema: {
        ...about('resendWebhook', 'Sends a status change again immediately.'),
        description: requiresRole('operator'),
        headers: Keyed,
        params: z.object({ id: z.string().describe('The `webhook-id` of the status change.') }),
        response: {
          202: json('The delivery was queued.', Resent),
          ...problemResponses(...withBody, 'not_found', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await onward.webhooks.resend(id, callerOf(request));
      reply.code(202);
      return { id };
    },
  );
}

function resendAllRoute(app: App, onward: Onward): void {
  app.post(
    '/v1/webhooks/resend',
    {
      config: { roles: ['operator'], act: 'resendWebhooks' },
      schema: {
        ...about(
          'resendWebhooks',
          'Starts a bulk operation that sends the undelivered status changes that match a filter again.',
        ),
        description: `Read its progress with \`GET /v1/operations/{id}\`, and stop it with \`POST /v1/operations/{id}/stop\`. ${requiresRole('operator')}`,
        headers: Keyed,
        body: ResendBody,
        response: {
          202: json('The operation was started.', OperationId),
          ...problemResponses(...withBody, 'idempotency_key_reused', 'unavailable'),
        },
      },
    },
    async (request, reply) => {
      const { filter, ...body } = request.body;
      const resend = { ...withoutUndefined(body), filter: withoutUndefined(filter) };
      const { id } = await onward.operations.resendWebhooks(resend, callerOf(request));
      reply.code(202).header('location', `/v1/operations/${id}`);
      return { id };
    },
  );
}
