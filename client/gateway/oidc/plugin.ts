import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OidcSettings } from '../../config/oidc-settings.ts';
import type { EncryptionKey } from '../../temporal/encryption-codec.ts';
import { BadRequest } from '../../errors.ts';
import { requireSameOrigin } from '../plugins/auth.ts';
import { ProblemError, problemResponses } from '../plugins/problems.ts';
import { json } from '../route-helpers.ts';
import type { App } from '../route-helpers.ts';
import { OidcLogin, OidcProviderName, OidcRedirect } from '../schemas/session.ts';
import { cookieFor, SESSION_TTL_SECONDS } from '../sessions/sessions.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { LoginAttempts, ATTEMPT_TTL_SECONDS } from './login-attempts.ts';
import { explainFailure, noAttempt } from './failure.ts';
import type { LoginFailure } from './failure.ts';
import { failurePage } from './failure-page.ts';
import { personOf } from './person.ts';
import { OidcProvider } from './provider.ts';

export interface OidcOptions {
  readonly oidc?: OidcSettings | undefined;
  /** Newest first. */
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly sessions: Sessions;
}

const CALLBACK = '/console/oidc/callback';
const LOGIN_RATE_LIMIT = { max: 20, timeWindow: 10_000 };
const RETRY_AFTER_S = 5;

const about = (operationId: string, summary: string, description: string) => ({
  operationId,
  tags: ['console'],
  summary,
  description,
});

/** Registers the routes of the login by OpenID Connect: the name of the provider, the start of a login, and the callback. */
export function registerOidc(app: App, options: OidcOptions): void {
  const { oidc } = options;
  app.get(
    '/console/oidc',
    {
      schema: {
        ...about(
          'oidcProvider',
          'Returns the name of the provider of OpenID Connect.',
          'The console shows it on the login page.',
        ),
        response: { 200: json('The provider.', OidcProviderName), ...problemResponses('too_many_requests') },
      },
    },
    () => ({ name: oidc?.label ?? null }),
  );
  const login = oidc && new OidcLoginFlow(app, oidc, options);
  app.post(
    '/console/oidc',
    {
      config: { rateLimit: LOGIN_RATE_LIMIT },
      schema: {
        ...about('beginOidcLogin', 'Begins a login by OpenID Connect.', 'Only pages of this gateway can call it.'),
        body: OidcLogin,
        response: {
          200: json('Where to send the browser.', OidcRedirect),
          ...problemResponses(
            ...(['bad_request', 'forbidden', 'not_found', 'too_large', 'unsupported_media_type'] as const),
            ...(['too_many_requests', 'unavailable'] as const),
          ),
        },
      },
    },
    (request, reply) => {
      if (login === undefined)
        throw new ProblemError('not_found', 'ONWARD_OIDC_ISSUER is not set; log in with a token');
      return login.begin(request, reply, request.body.returnTo);
    },
  );
  if (login === undefined) return;
  app.get(CALLBACK, { config: { rateLimit: LOGIN_RATE_LIMIT }, schema: { hide: true } }, (request, reply) =>
    login.finish(request, reply),
  );
  app.addHook('onReady', async () => void login.checkProvider());
}

class OidcLoginFlow {
  readonly #log: App['log'];
  readonly #settings: OidcSettings;
  readonly #provider: OidcProvider;
  readonly #attempts: LoginAttempts;
  readonly #sessions: Sessions;

  constructor({ log }: App, settings: OidcSettings, { encryptionKeys, sessions }: OidcOptions) {
    this.#log = log;
    this.#settings = settings;
    this.#provider = new OidcProvider(settings, new URL(CALLBACK, settings.publicUrl).href);
    this.#attempts = new LoginAttempts(encryptionKeys);
    this.#sessions = sessions;
  }

  /** Logs a warning if the provider does not respond when the gateway starts. Tokens work nevertheless. */
  async checkProvider(): Promise<void> {
    try {
      await this.#provider.discover();
    } catch (error) {
      const { reason } = explainFailure(error);
      const issuer = this.#settings.issuer.href;
      this.#log.warn(
        { issuer, reason },
        'the configuration of the OpenID Connect provider cannot be read; each login tries again',
      );
    }
  }

  /** Sends a browser to the provider. The cookie is `Lax`, since the browser returns from another site. */
  async begin(request: FastifyRequest, reply: FastifyReply, returnTo: string) {
    requireSameOrigin(request);
    const { origin } = this.#settings.publicUrl;
    if (request.headers.origin !== origin) {
      throw new ProblemError('forbidden', `the provider returns to ${origin}: open the console there`);
    }
    const path = this.#consolePath(returnTo);
    const { url, expected } = await this.#provider.begin().catch((error: unknown) => {
      const { message, reason } = explainFailure(error);
      request.log.warn({ reason }, 'a login by OpenID Connect could not begin');
      throw new ProblemError('unavailable', message, RETRY_AFTER_S);
    });
    const { name, attributes } = attemptCookie(request);
    const sealed = this.#attempts.seal({ ...expected, returnTo: path });
    reply.setCookie(name, sealed, { ...attributes, maxAge: ATTEMPT_TTL_SECONDS });
    return { url: url.href };
  }

  /** Handles the callback: logs in the person whose browser the provider has redirected. */
  async finish(request: FastifyRequest, reply: FastifyReply) {
    const { name, attributes } = attemptCookie(request);
    const attempt = this.#attempts.read(request.cookies[name]);
    // An attempt ends with its first callback, also if that fails.
    reply.clearCookie(name, attributes);
    const { search, searchParams } = new URL(request.url, this.#settings.publicUrl);
    if (attempt === undefined || searchParams.get('state') !== attempt.state) return refuse(request, reply, noAttempt);
    try {
      const claims = await this.#provider.finish(search, attempt);
      const person = personOf(claims, this.#settings);
      if ('refusal' in person) return refuse(request, reply, forbidden(person.refusal, 'no role'));
      if (this.#sessions.isTokenName(person.name)) {
        const message = `Your name, ${person.name}, is that of a token. Give the token another name in ONWARD_TOKENS.`;
        return refuse(request, reply, forbidden(message, 'the name of a token'));
      }
      const now = Date.now();
      const expiresAt = Math.min(claims.exp * 1_000, now + SESSION_TTL_SECONDS * 1_000);
      const session = cookieFor(request);
      const maxAge = Math.floor((expiresAt - now) / 1_000);
      request.log.info({ by: person }, 'logged in by OpenID Connect');
      return reply
        .setCookie(session.name, this.#sessions.openForPerson(person, expiresAt), { ...session.attributes, maxAge })
        .redirect(attempt.returnTo, 303);
    } catch (error) {
      return refuse(request, reply, explainFailure(error));
    }
  }

  /** Returns the path of the console in a URL, so that no login redirects to another site. */
  #consolePath(returnTo: string): string {
    const { publicUrl } = this.#settings;
    const url = URL.canParse(returnTo, publicUrl.href) ? new URL(returnTo, publicUrl) : undefined;
    if (url?.origin === publicUrl.origin && url.pathname.startsWith('/console/')) return url.pathname + url.search;
    throw new BadRequest('returnTo', 'returnTo must be a path of the console, such as /console/people');
  }
}

const attemptCookie = (request: FastifyRequest) => cookieFor(request, 'onward_oidc', 'lax');

const forbidden = (message: string, reason: string): LoginFailure => ({ status: 403, message, reason });

function refuse(request: FastifyRequest, reply: FastifyReply, { status, message, reason }: LoginFailure) {
  request.log.warn({ reason, status }, 'a login by OpenID Connect was refused');
  return reply.code(status).type('text/html; charset=utf-8').serializer(String).send(failurePage(message));
}
