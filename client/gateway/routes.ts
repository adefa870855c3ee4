import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { BadRequest } from '../errors.ts';
import type { Caller } from '../ask.ts';
import { Refused } from './problems.ts';
import type { ProblemCode } from './problems.ts';
import { UserParams } from './schemas.ts';
import type { Role } from './tokens.ts';

/** A Fastify whose routes are typed by their schemas. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What it does, for the audit log; without it, nothing is written there. */
    readonly act?: string;
    /** The media types of its bodies; without it, JSON alone. */
    readonly reads?: readonly string[];
  }
}

/** The refusals that every door with a token has. */
export const guarded = [
  'bad_request',
  'unauthorized',
  'forbidden',
  'too_many_requests',
] as const satisfies ProblemCode[];
/** Those of a door that also reads a body. */
export const withBody = [...guarded, 'too_large', 'unsupported_media_type'] as const;

/** Those of a command. */
export const commanding = [...withBody, 'not_found', 'not_now', 'key_reused', 'unavailable'] as const;

/** How a caller says who it is: by its token, or by a session that began with it. */
export const secured: readonly Record<string, readonly string[]>[] = [{ bearer: [] }, { session: [] }];

export const USER = '/v1/users/:id/onboarding';

/** A reply in JSON, as a route's schema has it. */
export const json = <S>(description: string, schema: S) => ({
  description,
  content: { 'application/json': { schema } },
});

/** What a route of a user's journey says of itself. */
export const about = (roles: readonly Role[], operationId: string, summary: string) => ({
  operationId,
  tags: ['journey'],
  summary,
  description: `For the role ${roles.join(' or ')}.`,
  security: roles.includes('app') && roles.length === 1 ? [{ bearer: [] }] : secured,
  params: UserParams,
});

export const Keyed = z.looseObject({
  'idempotency-key': z.string().optional().describe('Your own key: the same request under it is carried out once.'),
});

/** What was given of it: a field that was left out is absent, as exact types want it. */
export function given<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The caller of a command: the token's holder, and the request's own key. */
export function callerOf({ holder, headers }: FastifyRequest): Caller {
  if (holder === null || holder.role === 'viewer') throw new Refused('forbidden');
  const { role, name } = holder;
  const key = headers['idempotency-key'];
  if (key === undefined) return { role, name };
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new BadRequest(
      'idempotency-key',
      'an Idempotency-Key has 1 to 255 printable ASCII characters without spaces',
    );
  }
  return { role, name, idempotencyKey: key };
}
