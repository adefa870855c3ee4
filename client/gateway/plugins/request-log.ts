import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { explainInvalidUserId } from '../../validation.ts';

/**
 * Creates a log that contains the method, route pattern and, if valid, the user id of each request, and nothing else that
 * a caller has sent, such as a query or an address in place of an id.
 */
export function requestLog(logger: FastifyBaseLogger): FastifyBaseLogger {
  return logger.child({}, { serializers: { req: requestFields } });
}

function requestFields({ method, routeOptions, params, ip }: FastifyRequest): object {
  const { id } = (params ?? {}) as { id?: unknown };
  const isChecked = typeof id === 'string' && explainInvalidUserId(id) === undefined;
  return { method, route: routeOptions.url ?? null, ...(isChecked && { id }), remoteAddress: ip };
}
