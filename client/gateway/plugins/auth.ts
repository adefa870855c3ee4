import type { FastifyRequest } from 'fastify';
import type { EndedSessions } from '../../sessions/ended-sessions.ts';
import type { UnknownCallers } from './rate-limits.ts';
import { ProblemError } from './problems.ts';
import { isOwnOrigin } from '../sessions/sessions.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { findToken, isAllowed } from './tokens.ts';
import type { Holder, Token } from './tokens.ts';
import type { Role } from '../../../workflows/journey/roles.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The holder of the presented token or session; `null` if the route requires none. */
    holder: Holder | null;
    /** The session that the request was authenticated with; `null` for a token. */
    session: Session | null;
  }
  interface FastifyContextConfig {
    /** The roles that may call the route; if absent, any caller may. */
    readonly roles?: readonly Role[];
    /** Pages of other origins that a session may be used from. */
    readonly origins?: readonly string[];
  }
}

export interface Authentication {
  readonly tokens: readonly Token[];
  readonly sessions: Sessions;
  readonly endedSessions: EndedSessions;
  readonly unknownCallers: UnknownCallers;
}

/** Rejects callers that have none of the roles that a route names. */
export async function authenticate(request: FastifyRequest, authentication: Authentication): Promise<void> {
  const { roles } = request.routeOptions.config;
  if (roles === undefined) return;
  const principal = await principalOf(request, authentication);
  if (principal === undefined) throw authentication.unknownCallers.refuse(request, 'unauthorized');
  const { holder, session } = principal;
  request.holder = holder;
  request.session = session;
  if (!isAllowed(holder.role, roles)) {
    throw new ProblemError(
      'forbidden',
      `requires the role ${roles.join(' or ')}; this token has the role ${holder.role}`,
    );
  }
}

interface Principal {
  readonly holder: Holder;
  readonly session: Session | null;
}

/** Authenticates by bearer token or by session cookie. Browsers send cookies automatically, so a cookie's origin is checked. */
async function principalOf(
  request: FastifyRequest,
  { tokens, sessions, endedSessions }: Authentication,
): Promise<Principal | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme = '', presented = ''] = authorization.split(' ');
    const holder = scheme.toLowerCase() === 'bearer' ? findToken(presented, tokens) : undefined;
    return holder && { holder, session: null };
  }
  const session = sessions.ofRequest(request);
  if (session === undefined) return undefined;
  const isRead = isReadMethod(request);
  if (!isRead) requireSameOrigin(request);
  const hasEnded = isRead ? endedSessions.hasEndedRecently(session.id) : endedSessions.hasEnded(session.id);
  return (await hasEnded) ? undefined : { holder: session.holder, session };
}

const isReadMethod = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD';

/** Throws if a request that changes something comes from a page of another origin. */
export function requireSameOrigin(request: FastifyRequest): void {
  const { origin } = request.headers;
  if (origin !== undefined && isOwnOrigin(origin, request)) return;
  if (origin !== undefined && request.routeOptions.config.origins?.includes(origin) === true) return;
  throw new ProblemError(
    'forbidden',
    'a session is valid only on the gateway’s own pages, over https unless on this machine; elsewhere send the token',
  );
}
