import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequest } from '../errors.ts';
import type { Caller } from '../journeys/idempotent-update.ts';
import { ProblemError } from './plugins/problems.ts';
import type { ProblemCode } from './plugins/problems.ts';
import { UserParams } from './schemas/journey.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import type { Role } from '../../workflows/journey/roles.ts';

/** A Fastify instance whose routes are typed by their schemas. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The action's name in the audit log. Without it, the route is not audited. */
    readonly act?: string;
    /** The media types of its bodies. Default: JSON. */
    readonly reads?: readonly string[];
  }
}

/** The error responses of every route that requires a token. */
export const requireRole = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'too_many_requests',
] as const satisfies ProblemCode[];
/** The error responses of a route that also reads a body. */
export const withBody = [...requireRole, 'too_large', 'unsupported_media_type', 'audit_unavailable'] as const;

/** The error responses of a command. */
export const commandSchema = [
  ...withBody,
  'not_found',
  'invalid_state',
  'idempotency_key_reused',
  'unavailable',
] as const;

/** The security schemes of a route: a bearer token, or a browser session started with one. */
export const secured: readonly Record<string, readonly string[]>[] = [{ bearer: [] }, { session: [] }];

/** The sentence on roles at the end of each description. */
export const requiresRole = (...roles: readonly Role[]) =>
  `Requires the role ${roles.map((role) => `\`${role}\``).join(' or ')}.`;

export const USER = '/v1/users/:id/onboarding';

/** Describes a JSON response for a route's schema. */
export const json = <S>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Describes an operation on the journey of one user. */
export const about = (roles: readonly Role[], operationId: string, summary: string, details = '') => ({
  operationId,
  tags: ['journey'],
  summary,
  description: [details, requiresRole(...roles)].filter((sentence) => sentence !== '').join(' '),
  security: roles.includes('app') && roles.length === 1 ? [{ bearer: [] }] : secured,
  params: UserParams,
});

export const Keyed = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe('A key of your choice. Repeating the request with the same key applies it once.'),
});

/** A command that is applied only to the revision that its caller has seen. */
export const Conditional = Keyed.extend({
  'if-match': z
    .string()
    .regex(/^"\d{1,9}"$/, 'must be the `etag` of a status: its revision in quotes, such as "7"')
    .optional()
    .describe('The `etag` of a status, which is its revision in quotes. With another revision: `revision_differs`.'),
});

/** The revision that `If-Match` names. */
export function revisionIn({ 'if-match': etag }: z.output<typeof Conditional>): number | undefined {
  return etag === undefined ? undefined : Number(etag.slice(1, -1));
}

/** Sets the `etag` of a status: its revision. A status without a worker has none. */
export function withEtag<S extends Pick<Status, 'revision'>>(reply: FastifyReply, status: S): S {
  if (status.revision !== null) reply.header('etag', `"${status.revision}"`);
  return status;
}

/** Removes fields that are `undefined`, as `exactOptionalPropertyTypes` requires. */
export function withoutUndefined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** Returns the caller of a command: the token's holder or the person, and the request's idempotency key. */
export function callerOf({ holder, headers }: FastifyRequest): Caller {
  if (holder === null || holder.role === 'viewer') throw new ProblemError('forbidden');
  const { role, name, personId } = holder;
  const caller = { role, name, ...(personId !== undefined && { personId }) };
  const key = headers['idempotency-key'];
  if (key === undefined) return caller;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new BadRequest(
      'idempotency-key',
      'an Idempotency-Key has 1 to 255 printable ASCII characters without spaces',
    );
  }
  return { ...caller, idempotencyKey: key };
}
