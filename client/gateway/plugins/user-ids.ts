import type { FastifyInstance } from 'fastify';
import { isObject, normalizeUserId } from '../../validation.ts';
import type { UserIdRule } from '../../validation.ts';

/**
 * Normalizes every user id of a request by the policy's `userIds` before any route reads it: in the path, the query and
 * the filter of a bulk operation. The route for sign-up events normalizes ids itself.
 */
export function normalizeUserIds(app: FastifyInstance, rule: UserIdRule): void {
  if (rule === 'caseSensitive') return;
  app.addHook('preHandler', async ({ routeOptions, params, query, body }) => {
    if (routeOptions.url?.startsWith('/v1/users/:id') === true) normalizeField(params, 'id', rule);
    normalizeField(query, 'userId', rule);
    normalizeField(query, 'userIdPrefix', rule);
    if (!isObject(body)) return;
    normalizeField(body, 'newUserId', rule);
    normalizeField(body['filter'], 'userId', rule);
    normalizeList(body['filter'], 'userIds', rule);
  });
}

function normalizeField(holder: unknown, field: string, rule: UserIdRule): void {
  if (!isObject(holder)) return;
  const value = holder[field];
  if (typeof value === 'string') holder[field] = normalizeUserId(value, rule);
}

function normalizeList(holder: unknown, field: string, rule: UserIdRule): void {
  if (!isObject(holder)) return;
  const value = holder[field];
  if (Array.isArray(value)) holder[field] = value.map((each: string) => normalizeUserId(each, rule));
}
