import { z } from 'zod';
import type { Onward } from '../onward.ts';
import { refusals } from './problems.ts';
import { guarded, json, withBody, secured } from './routes.ts';
import type { App } from './routes.ts';
import { PageQuery, Resent, Undelivered } from './listing-schemas.ts';

const about = (operationId: string, summary: string) => ({
  operationId,
  tags: ['webhooks'],
  summary,
  security: secured,
});

/** The doors to the changes of status that the receiver has not taken. */
export async function webhooks(app: App, { onward }: { onward: Onward }): Promise<void> {
  app.get(
    '/v1/webhooks',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('webhooks', 'Lists the changes of status that were not delivered'),
        description: 'For the role viewer or operator.',
        querystring: PageQuery,
        response: { 200: json('A page, the newest first.', Undelivered), ...refusals(...guarded, 'unavailable') },
      },
    },
    ({ query: { limit, cursor } }) => onward.webhooks.list(limit, cursor),
  );
  app.post(
    '/v1/webhooks/:id/resend',
    {
      config: { roles: ['operator'], act: 'resendWebhook' },
      schema: {
        ...about('resendWebhook', 'Sends a change of status again, at once'),
        description: 'For the role operator.',
        params: z.object({ id: z.string().describe('The `webhook-id` of the change.') }),
        response: { 202: json('It is on its way.', Resent), ...refusals(...withBody, 'not_found', 'unavailable') },
      },
    },
    async ({ params: { id } }, reply) => {
      await onward.webhooks.resend(id);
      reply.code(202);
      return { id };
    },
  );
}
