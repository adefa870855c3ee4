import type { FastifyRequest } from 'fastify';
import { Refused } from './problems.ts';
import { SESSION } from './sessions.ts';
import type { Sessions } from './sessions.ts';
import { holderOf, may } from './tokens.ts';
import type { Role, Token } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who holds the presented token or session; `null` where a door asks for none. */
    holder: Token | null;
  }
  interface FastifyContextConfig {
    /** Who may knock; without it, anybody. */
    readonly roles?: readonly Role[];
    /** Pages of other origins that a session may be used from. */
    readonly origins?: readonly string[];
  }
}

/** Lets nobody in but the roles that a route names. */
export function letIn(request: FastifyRequest, tokens: readonly Token[], sessions: Sessions): void {
  const { roles } = request.routeOptions.config;
  if (roles === undefined) return;
  const holder = holderIn(request, tokens, sessions);
  if (holder === undefined) throw new Refused('unauthorized');
  request.holder = holder;
  if (!may(holder.role, roles)) {
    throw new Refused('forbidden', `this is for the role ${roles.join(' or ')}, and the token’s is ${holder.role}`);
  }
}

/** A token is presented by whoever means to; a cookie comes along by itself, so that what it may do depends on the page. */
function holderIn(request: FastifyRequest, tokens: readonly Token[], sessions: Sessions): Token | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [scheme = '', presented = ''] = authorization.split(' ');
    return scheme.toLowerCase() === 'bearer' ? holderOf(presented, tokens) : undefined;
  }
  const cookie = request.cookies[SESSION];
  const holder = cookie === undefined ? undefined : sessions.holder(cookie);
  if (holder !== undefined && !isRead(request)) fromOwnPage(request);
  return holder;
}

const isRead = ({ method }: FastifyRequest) => method === 'GET' || method === 'HEAD';

/** Throws where a request that changes something comes from another page than the gateway's own. */
export function fromOwnPage({ headers: { origin }, host, routeOptions: { config } }: FastifyRequest): void {
  if (origin !== undefined && URL.canParse(origin) && new URL(origin).host === host) return;
  if (origin !== undefined && config.origins?.includes(origin) === true) return;
  throw new Refused('forbidden', 'a session is good for the gateway’s own pages alone; elsewhere present the token');
}
