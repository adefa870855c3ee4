import type { OpenAPIV3_1 } from 'openapi-types';
import { accountTypes } from '../../../workflows/journey/account-types.ts';

const header = (name: string, description: string, example: string) =>
  ({ name, in: 'header', required: true, description, schema: { type: 'string' }, example }) as const;

const userId: OpenAPIV3_1.SchemaObject = {
  anyOf: [{ type: 'string' }, { type: 'integer' }],
  description: 'Your own id of the user. An integer is read as its decimal text.',
};
const data: OpenAPIV3_1.SchemaObject = {
  type: 'object',
  required: ['userId'],
  properties: {
    userId,
    accountType: { type: 'string', enum: [...accountTypes] },
  },
};
const type: OpenAPIV3_1.SchemaObject = {
  type: 'string',
  description: 'Types other than those of the policy, by default `user.created`, are ignored.',
};
const example = { userId: 'ada', accountType: 'individual' };

const SignupEvent: OpenAPIV3_1.SchemaObject = {
  type: 'object',
  description: 'A sign-up event in the default shape. The policy file can name other pointers for each value.',
  required: ['type', 'data'],
  properties: {
    type,
    timestamp: {
      anyOf: [{ type: 'string' }, { type: 'number' }],
      description: 'RFC 3339, or seconds or milliseconds since 1970. Events older than `journeyLife` are ignored.',
    },
    data,
  },
  examples: [{ type: 'user.created', timestamp: '2026-01-31T09:30:00.000Z', data: example }],
};

const SignupCloudEvent: OpenAPIV3_1.SchemaObject = {
  type: 'object',
  description: 'The same event as a CloudEvent in structured mode.',
  required: ['specversion', 'id', 'source', 'type', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string' },
    source: { type: 'string' },
    type,
    time: { type: 'string', format: 'date-time' },
    data,
  },
  examples: [
    {
      specversion: '1.0',
      id: 'evt_1',
      source: '/accounts',
      type: 'user.created',
      time: '2026-01-31T09:30:00.000Z',
      data: example,
    },
  ],
};

export const signupSchemas: Record<string, OpenAPIV3_1.SchemaObject> = { SignupEvent, SignupCloudEvent };

/** The body that the route of sign-up events accepts. The route itself has no schema for it, because it verifies and parses raw bytes. */
export const signupRequest: Pick<OpenAPIV3_1.OperationObject, 'parameters' | 'requestBody'> = {
  parameters: [
    header('webhook-id', 'The id of the event, the same in each delivery of it.', 'msg_2b5c'),
    header(
      'webhook-timestamp',
      'The time of this delivery, in seconds since 1970. At most 5 minutes off.',
      '1769851800',
    ),
    header(
      'webhook-signature',
      'One or more signatures over id, timestamp and body, separated by spaces (Standard Webhooks).',
      'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
    ),
  ],
  requestBody: {
    required: true,
    content: {
      'application/json': { schema: { $ref: '#/components/schemas/SignupEvent' } },
      'application/cloudevents+json': { schema: { $ref: '#/components/schemas/SignupCloudEvent' } },
    },
  },
};
