import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { DeploymentEnvironment } from '../../config/deployment-environment.ts';
import { requireSameOrigin } from '../plugins/auth.ts';
import { ProblemError, problemResponses } from '../plugins/problems.ts';
import { requireRole, json, requiresRole, secured, withBody } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { Login, Principal } from '../schemas/session.ts';
import type { LoginLinks } from '../sessions/login-links.ts';
import { cookieFor, SESSION_TTL_SECONDS } from '../sessions/sessions.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { registerOidc } from '../oidc/plugin.ts';
import type { OidcOptions } from '../oidc/plugin.ts';
import type { OpenRequests } from '../sessions/open-requests.ts';
import type { EndedSessions } from '../../sessions/ended-sessions.ts';
import { findToken } from '../plugins/tokens.ts';
import type { Token } from '../plugins/tokens.ts';

export interface ConsoleOptions extends OidcOptions {
  readonly tokens: readonly Token[];
  readonly endedSessions: EndedSessions;
  readonly requests: OpenRequests;
  /** The folder of the compiled pages. */
  readonly pages: string;
  /** The URL of the workflow list in Temporal's UI. */
  readonly temporalUi?: string | undefined;
  readonly loginLinks?: LoginLinks | undefined;
  readonly environment?: DeploymentEnvironment | undefined;
}

const about = (operationId: string, summary: string, description: string) => ({
  operationId,
  tags: ['console'],
  summary,
  description,
});
const noContent = { 204: z.void().describe('Done. The reply has no body.') };

/** Login attempts per IP address in ten seconds. */
const LOGIN_RATE_LIMIT = { max: 20, timeWindow: 10_000 };

/** The console's pages, and the session with which they call the other routes. */
export async function consoleRoutes(app: App, options: ConsoleOptions): Promise<void> {
  sessionRoutes(app, options);
  registerOidc(app, options);
  app.addHook('onSend', async (_request, reply) => void reply.header('content-security-policy', policy));
  const { policy } = await servePages(app, options.pages);
}

function sessionRoutes(app: App, options: ConsoleOptions): void {
  const { tokens, sessions, endedSessions, requests } = options;
  app.post(
    '/console/session',
    {
      config: { rateLimit: LOGIN_RATE_LIMIT },
      schema: {
        ...about('logIn', 'Starts a browser session.', 'Only pages of this gateway can call it.'),
        body: Login,
        response: { ...noContent, ...problemResponses(...withBody) },
      },
    },
    async (request, reply) => {
      requireSameOrigin(request);
      const holder = findToken(request.body.token, tokens);
      if (holder === undefined) throw new ProblemError('unauthorized', 'unknown token');
      if (holder.role === 'app') throw new ProblemError('forbidden', 'the console is for viewers and operators');
      return setSessionCookie(request, reply, sessions.open(holder)).code(204).send();
    },
  );
  sessionRoute(app, options);
  app.delete(
    '/console/session',
    {
      schema: {
        ...about('logOut', 'Ends the browser session, at every gateway.', 'Only pages of this gateway can call it.'),
        response: { ...noContent, ...problemResponses('forbidden', 'too_many_requests', 'unavailable') },
      },
    },
    async (request, reply) => {
      requireSameOrigin(request);
      const { name, attributes } = cookieFor(request);
      // The browser deletes the cookie even if the other gateways cannot be informed.
      reply.clearCookie(name, attributes);
      const session = sessions.ofRequest(request);
      if (session !== undefined) {
        requests.endSession(session.id);
        await endedSessions.end(session.id);
      }
      return reply.code(204).send();
    },
  );
  const { loginLinks } = options;
  if (loginLinks !== undefined) loginLinkRoute(app, loginLinks, sessions);
}

function setSessionCookie(request: FastifyRequest, reply: FastifyReply, session: string): FastifyReply {
  const { name, attributes } = cookieFor(request);
  return reply.setCookie(name, session, { ...attributes, maxAge: SESSION_TTL_SECONDS });
}

/** A valid link starts a session and redirects to the console. An invalid one redirects to the login, which says so. */
function loginLinkRoute(app: App, links: LoginLinks, sessions: Sessions): void {
  app.get(
    '/console/login/:code',
    {
      config: { rateLimit: LOGIN_RATE_LIMIT },
      schema: { hide: true, params: z.object({ code: z.string() }) },
    },
    (request, reply) => {
      const holder = links.redeem(request.params.code);
      if (holder === undefined) return reply.redirect('/console/?login=invalid', 303);
      setSessionCookie(request, reply, sessions.open(holder));
      return reply.redirect('/console/', 303);
    },
  );
}

/** Returns who is logged in, and what every screen shows. */
function sessionRoute(app: App, { temporalUi, environment }: ConsoleOptions): void {
  app.get(
    '/console/session',
    {
      config: { roles: ['viewer'] },
      schema: {
        ...about('session', 'Returns the holder of the session.', requiresRole('viewer', 'operator')),
        security: secured,
        response: { 200: json('The holder of the session.', Principal), ...problemResponses(...requireRole) },
      },
    },
    ({ holder }) => ({
      role: holder?.role ?? 'viewer',
      name: holder?.name ?? '',
      temporalUi: temporalUi ?? null,
      environment: environment ?? null,
    }),
  );
}

/** The paths of the console's screens. Each serves the same page, whose script reads the path. */
const SCREENS = [
  '/console/',
  '/console/machine',
  '/console/people',
  '/console/people/:id',
  '/console/operations',
  '/console/operations/:id',
  '/console/reconciliations',
  '/console/reconciliations/:id',
  '/console/what-ifs',
  '/console/what-ifs/:id',
  '/console/activity',
];

/** Registers the static files, listed once at the start, and the page itself at the path of every screen. */
async function servePages(app: App, folder: string): Promise<{ readonly policy: string }> {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  await app.register(fastifyStatic, {
    root: folder,
    prefix: '/console/',
    wildcard: false,
    index: false,
    schemaHide: true,
    globIgnore: ['**/*.map', '**/.*', '**/*.d.ts', '**/*.html'],
    serveDotFiles: false,
  });
  for (const path of SCREENS) {
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.type('text/html; charset=utf-8').serializer(String).send(page),
    );
  }
  // A browser gets the console, which shows that the page does not exist.
  app.get('/console/*', { schema: { hide: true } }, (request, reply) => {
    if (request.headers.accept?.includes('text/html') !== true) return reply.callNotFound();
    return reply.code(404).type('text/html; charset=utf-8').serializer(String).send(page);
  });
  app.get('/console', { schema: { hide: true } }, (_request, reply) => reply.redirect('/console/', 308));
  return { policy: policyOf(page) };
}

/** Allows only the gateway's own resources, and inline only the page's import map, by its hash. */
function policyOf(page: string): string {
  const [, imports = ''] = /<script type="importmap">(.*?)<\/script>/s.exec(page) ?? [];
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${createHash('sha256').update(imports).digest('base64')}'`,
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
