import type { SwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { changes } from './changes.ts';
import { SESSION } from './sessions.ts';

/** How the OpenAPI document is made from the routes' own schemas. */
export const openapi: SwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Onward',
      version: '1',
      description:
        'Brings a person who has just signed up to verified on sFOX Connect. Times are RFC 3339 in UTC; a field without a value is `null`. Errors are problems (RFC 9457) with a stable `code`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'sign-up', description: 'Sign-up events in.' },
      { name: 'journey', description: 'One user’s journey.' },
      { name: 'journeys', description: 'All journeys.' },
      { name: 'operations', description: 'One command for many journeys.' },
      { name: 'recovery', description: 'The automatic retry of what is stalled.' },
      { name: 'webhooks', description: 'Changes of status on their way out.' },
      { name: 'operating', description: 'For those who run it.' },
    ],
    webhooks: changes,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token of the role app, viewer or operator.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: SESSION,
          description: 'A viewer’s or operator’s session in a browser, from the gateway’s own pages alone.',
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
  transformObject: jsonSchemaTransformObject,
};
