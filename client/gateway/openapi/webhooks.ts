import type { OpenAPIV3_1 } from 'openapi-types';

const header = (name: string, description: string) =>
  ({ name, in: 'header', required: true, description, schema: { type: 'string' } }) as const;

const statusChangeWebhook = {
  type: 'object' as const,
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { const: 'onboarding.status.changed' },
    timestamp: { type: 'string' as const, format: 'date-time', description: 'The time of the change.' },
    data: { $ref: '#/components/schemas/Status' },
  },
};

/** The webhooks of the OpenAPI document: status changes sent to a product's receiver. */
export const webhooks: Record<string, OpenAPIV3_1.PathItemObject> = {
  'onboarding.status.changed': {
    post: {
      operationId: 'statusChanged',
      tags: ['webhooks'],
      summary: 'Notifies your receiver of a status change.',
      description:
        'Sent to `ONWARD_STATUS_URL`, signed as Standard Webhooks define. A change can arrive more than once, and in any order: compare `revision`.',
      security: [],
      parameters: [
        header('webhook-id', 'The id of the change, the same in each delivery attempt.'),
        header('webhook-timestamp', 'The time of this delivery attempt, in seconds since 1970.'),
        header('webhook-signature', 'The signature over id, timestamp and body, made with `ONWARD_STATUS_SECRET`.'),
      ],
      requestBody: { required: true, content: { 'application/json': { schema: statusChangeWebhook } } },
      responses: {
        '2XX': { description: 'The receiver has accepted the change.' },
        410: { description: 'The receiver rejects this delivery for good. It is not retried.' },
        default: {
          description:
            'The delivery is retried later, after `Retry-After` at the earliest. A delivery without a response within 15 seconds is retried too.',
        },
      },
    },
  },
};
