import type { OpenAPIV3_1 } from 'openapi-types';

const header = (name: string, description: string) =>
  ({ name, in: 'header', required: true, description, schema: { type: 'string' } }) as const;

const change = {
  type: 'object' as const,
  required: ['type', 'timestamp', 'data'],
  properties: {
    type: { const: 'onboarding.status.changed' },
    timestamp: { type: 'string' as const, format: 'date-time', description: 'When the status changed.' },
    data: { $ref: '#/components/schemas/Status' },
  },
};

/** Changes of status on their way out, as the OpenAPI document has them: what a product's receiver is told. */
export const changes: Record<string, OpenAPIV3_1.PathItemObject> = {
  'onboarding.status.changed': {
    post: {
      operationId: 'statusChanged',
      tags: ['webhooks'],
      summary: 'Tells the receiver at `ONWARD_STATUS_URL` of a change of a status',
      description: 'Signed by Standard Webhooks. Changes may come more than once, and in any order.',
      security: [],
      parameters: [
        header('webhook-id', 'The same over all tries of one change.'),
        header('webhook-timestamp', 'When this try was made, in seconds since 1970.'),
        header('webhook-signature', 'Over id, timestamp and body, by `ONWARD_STATUS_SECRET`.'),
      ],
      requestBody: { required: true, content: { 'application/json': { schema: change } } },
      responses: {
        '2XX': { description: 'Taken.' },
        default: { description: 'Tried again later, as any answer that has not come within 15 s.' },
      },
    },
  },
};
