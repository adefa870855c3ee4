import type { SwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { completeDocument } from './document.ts';
import { webhooks } from './webhooks.ts';
import { HOST_PREFIX, SESSION_COOKIE } from '../sessions/sessions.ts';

/** Options to generate the OpenAPI document from the routes' schemas. */
export const openapi: SwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Onward',
      version: '1',
      description:
        'Onboards the users of a product at sFOX Connect: sends verification codes by e-mail and text message, and checks them. Times are RFC 3339 in UTC. A field without a value is `null`. Errors are problems (RFC 9457) with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      {
        url: 'http://127.0.0.1:8080',
        description: 'A gateway on its default address. Replace it with the address of your gateway.',
      },
    ],
    tags: [
      { name: 'sign-up', description: 'Receives sign-up events.' },
      { name: 'journey', description: 'The onboarding journey of one user.' },
      { name: 'journeys', description: 'Lists and counts of journeys.' },
      { name: 'operations', description: 'Bulk operations: one command for many journeys.' },
      { name: 'reconciliations', description: "sFOX's list of users, compared with the journeys." },
      { name: 'what-ifs', description: 'Comparisons of real journeys with another policy.' },
      { name: 'recovery', description: 'The automatic retry of stalled journeys.' },
      { name: 'acts', description: 'The acts of operators: operator, action, user, reason and result.' },
      { name: 'notes', description: 'Notes of the operators on a person, and for the shift.' },
      { name: 'webhooks', description: 'Deliveries of status changes to your receiver.' },
      { name: 'console', description: 'Browser sessions of the operator console.' },
      { name: 'operating', description: 'Health, metrics, the codec server and this document.' },
    ],
    webhooks: webhooks,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token with the role `app`, `viewer` or `operator`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: `${HOST_PREFIX}${SESSION_COOKIE}`,
          description: 'The browser session of a viewer or an operator. Only pages of this gateway can use it.',
        },
        standardWebhooks: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description: 'Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.',
        },
      },
    },
  },
  transform: jsonSchemaTransform,
  transformObject: (document) => completeDocument(jsonSchemaTransformObject(document)),
};
