import { randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify from 'fastify';
import type { FastifyBaseLogger, FastifyError, FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createCodec } from '../temporal/codec-server.ts';
import type { EncryptionKey } from '../temporal/encryption-codec.ts';
import { BadRequest } from '../errors.ts';
import type { Onward } from '../onward.ts';
import { ENVIRONMENT_HEADER, formatEnvironment } from '../config/deployment-environment.ts';
import type { DeploymentEnvironment } from '../config/deployment-environment.ts';
import { defaultRates } from '../config/policy-file.ts';
import type { EventRules, Rates } from '../config/policy-file.ts';
import type { OidcSettings } from '../config/oidc-settings.ts';
import type { UserIdRule } from '../validation.ts';
import { registerAuditLog } from './audit/plugin.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { codecRoutes } from './routes/codec-server.ts';
import { consoleRoutes } from './routes/console.ts';
import { journeyCommandRoutes } from './routes/journey/commands.ts';
import { journeyCsvRoutes } from './routes/journeys-csv.ts';
import { journeyListRoutes } from './routes/journeys.ts';
import { registerGracefulShutdown } from './plugins/graceful-shutdown.ts';
import { authenticate } from './plugins/auth.ts';
import { authenticateCursors } from './plugins/cursors.ts';
import { EventRate, rateKeyOf, UnknownCallers } from './plugins/rate-limits.ts';
import { signupEventRoutes } from './routes/signup-events.ts';
import { EventMeters } from './metrics/signup-metrics.ts';
import { EventStreams } from './plugins/sse.ts';
import { registerMetrics } from './metrics/http-metrics.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { openapi } from './openapi/plugin.ts';
import { healthRoutes } from './routes/health.ts';
import { bulkOperationRoutes } from './routes/bulk-operations.ts';
import { reconciliationRoutes } from './routes/reconciliations.ts';
import { whatIfRoutes } from './routes/what-ifs.ts';
import { ProblemError } from './plugins/problems.ts';
import { journeyStatusRoutes } from './routes/journey/status.ts';
import type { ReceiptKey } from '../receipts/keys.ts';
import { journeyRecordRoutes } from './routes/journey/records.ts';
import { actRoutes } from './routes/operators/acts.ts';
import { noteRoutes } from './routes/operators/notes.ts';
import { recoveryRoutes } from './routes/recovery.ts';
import { sendProblem } from './plugins/error-handler.ts';
import { requestLog } from './plugins/request-log.ts';
import type { App } from './route-helpers.ts';
import type { LoginLinks } from './sessions/login-links.ts';
import { Sessions } from './sessions/sessions.ts';
import { endRequestsOfEndedSessions } from './sessions/end-requests.ts';
import { OpenRequests } from './sessions/open-requests.ts';
import { journeyStartRoutes } from './routes/journey/start.ts';
import type { Token } from './plugins/tokens.ts';
import { proxyTrustOf } from './trusted-proxies.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { registerTracing } from './plugins/tracing.ts';
import { normalizeUserIds } from './plugins/user-ids.ts';
import { statisticsRoutes } from './routes/statistics.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export interface GatewayOptions {
  readonly onward: Onward;
  readonly tokens: readonly Token[];
  /** The secrets of sign-up events, `whsec_…`. A signature by any of them is valid. */
  readonly webhookSecrets: readonly string[];
  readonly eventRules: EventRules;
  /** Whether user ids that differ only in case belong to two users. Default: they do. */
  readonly userIds?: UserIdRule;
  /** Events older than this are ignored, in milliseconds. */
  readonly journeyLife: number;
  /** The number of calls that one token may make within a time span in milliseconds. */
  readonly rate: { readonly calls: number; readonly within: number };
  /** The number of sign-up events that this gateway accepts in ten seconds. Default: 5,000. */
  readonly eventRate?: number;
  /** Whether Temporal responds. */
  readonly isReady: () => Promise<boolean>;
  readonly logger: FastifyBaseLogger;
  /** Records commands beyond Temporal's retention. Default: the log, at any log level. */
  readonly auditLog?: AuditLog;
  /** The proxies whose `X-Forwarded-…` headers are trusted: addresses and ranges, or a number of hops. Default: none. */
  readonly trustProxy?: TrustedProxies;
  /** Newest first. The codec decrypts with them, and session cookies are encrypted with them. */
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
  /** The workers' request rates at the provider, for display. Default: the policy's defaults. */
  readonly rates?: Rates;
  /** The name and colour of this deployment: a badge in the console and the CLI, and a metric. */
  readonly environment?: DeploymentEnvironment | undefined;
  /** The URL of the workflow list in Temporal's UI, for links in the console. */
  readonly temporalUi?: string | undefined;
  /** The origins of Temporal's UI that may call the codec. */
  readonly codecOrigins?: readonly string[];
  /** The keys of receipts, the one that signs first. Default: none, and no receipts. */
  readonly receiptKeys?: readonly ReceiptKey[];
  /** The links that log a browser in without a token. Default: no such link is accepted. */
  readonly loginLinks?: LoginLinks;
  /** The settings of logins by OpenID Connect. Default: people log in with a token only. */
  readonly oidc?: OidcSettings | undefined;
  /** The folder of the console's compiled pages. Default: the one of this build. */
  readonly consolePages?: string;
  /** How long a request may take to arrive completely, and how often this is checked, in milliseconds. */
  readonly requestTimeouts?: { readonly request: number; readonly checkInterval: number };
}

const pages = fileURLToPath(new URL('../console/pages', import.meta.url));
const MAX_BODY_BYTES = 64 * 1_024;
/** Without a limit, a client that sends a byte now and then could occupy a connection forever. */
const REQUEST_TIMEOUTS_MS = { request: 30_000, checkInterval: 5_000 } as const;
/** Node's limit of a request line, so that a user id that is too long gets `bad_request` instead of `not_found`. */
const MAX_PARAM_LENGTH = 16_384;

/** Creates the gateway as a Fastify application, without the process that serves it. */
export async function createGateway(options: GatewayOptions): Promise<App> {
  const { onward, tokens, rate, logger, environment, userIds = 'caseSensitive' } = options;
  const app = createApp(options);
  const over = registerGracefulShutdown(app);
  const sessions = new Sessions(options.encryptionKeys, tokens, options.oidc);
  const unknownCallers = new UnknownCallers();
  const { endedSessions } = onward;
  const authentication = { tokens, sessions, endedSessions, unknownCallers };
  await app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    if (environment !== undefined) reply.header(ENVIRONMENT_HEADER, formatEnvironment(environment));
    ignoreTypeOfEmptyBody(request);
    await authenticate(request, authentication);
  });
  registerTracing(app);
  const metrics = registerMetrics(app, onward, options);
  const auditLog = options.auditLog ?? auditLogIn(logger);
  // Hooks run in this order: the audit log has the ids that the routes use.
  normalizeUserIds(app, userIds);
  registerAuditLog(app, auditLog, onward.acts);
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } });
  await app.register(rateLimit, {
    max: rate.calls,
    timeWindow: rate.within,
    keyGenerator: rateKeyOf,
    errorResponseBuilder: (_request, { ttl }) =>
      new ProblemError('too_many_requests', undefined, Math.ceil(ttl / 1_000)),
  });
  await app.register(swagger, openapi);
  authenticateCursors(app, options.encryptionKeys);
  const meters = new EventMeters(metrics, logger);
  const eventRate = new EventRate(options.eventRate);
  await app.register(signupEventRoutes, { ...options, userIds, meters, unknownCallers, rate: eventRate });
  await app.register(journeyStartRoutes, { onward });
  const requests = new OpenRequests();
  const streams = new EventStreams(over, requests);
  endRequestsOfEndedSessions(requests, endedSessions, over);
  await app.register(journeyStatusRoutes, { onward, over, streams, requests });
  await app.register(journeyRecordRoutes, { onward, receiptKeys: options.receiptKeys ?? [] });
  await app.register(journeyCommandRoutes, { onward, auditLog, rate });
  await app.register(journeyListRoutes, { onward });
  await app.register(journeyCsvRoutes, { onward });
  await app.register(statisticsRoutes, { onward });
  await app.register(dashboardRoutes, { onward, rates: options.rates ?? defaultRates, streams });
  await registerOperatorRoutes(app, onward);
  await app.register(codecRoutes, {
    prefix: '/codec',
    codec: createCodec(options.encryptionKeys),
    origins: options.codecOrigins ?? [],
  });
  const { consolePages = pages } = options;
  await app.register(consoleRoutes, { ...options, ...authentication, requests, pages: consolePages });
  await app.register(healthRoutes, { isReady: options.isReady, metrics });
  return app;
}

/** Registers the routes for operators and viewers. */
async function registerOperatorRoutes(app: App, onward: Onward): Promise<void> {
  await app.register(bulkOperationRoutes, { operations: onward.operations });
  await app.register(reconciliationRoutes, { reconciliations: onward.reconciliations });
  await app.register(whatIfRoutes, { whatIfs: onward.whatIfs });
  await app.register(recoveryRoutes, { recovery: onward.recovery });
  await app.register(webhookRoutes, { onward });
  await app.register(actRoutes, { acts: onward.acts });
  await app.register(noteRoutes, { notes: onward.notes });
}

/** Creates a Fastify instance with the limits, the parser and the error handlers of the gateway. */
function createApp({ logger, trustProxy = false, requestTimeouts = REQUEST_TIMEOUTS_MS }: GatewayOptions): App {
  const app: App = Fastify({
    loggerInstance: requestLog(logger),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: requestTimeouts.request,
    http: {
      headersTimeout: requestTimeouts.request,
      requestTimeout: requestTimeouts.request,
      connectionsCheckingInterval: requestTimeouts.checkInterval,
    },
    trustProxy: proxyTrustOf(trustProxy),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  app.decorateRequest('holder', null);
  app.decorateRequest('session', null);
  app.setErrorHandler<FastifyError>((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler(() => {
    throw new ProblemError('not_found', 'no route matches this method and path; see /openapi.json');
  });
  parseJsonBody(app);
  return app;
}

/** Writes the audit log as lines of another log. */
function auditLogIn(logger: FastifyBaseLogger): AuditLog {
  const log = logger.child({}, { level: 'info' });
  return { write: async (entry) => log.info(entry, 'audit'), blank: async () => false };
}

/** `curl -d ''` sends the media type of a form with an empty body, which counts as no body. */
function ignoreTypeOfEmptyBody({ raw: { headers } }: FastifyRequest): void {
  if (headers['content-length'] === '0' && headers['transfer-encoding'] === undefined) delete headers['content-type'];
}

/** Accepts only JSON in UTF-8. An empty body counts as no body. */
function parseJsonBody(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    if (!isUtf8(body)) return done(new BadRequest('body', 'the body must be JSON in UTF-8'));
    return parse(request, body.toString(), (error, value) =>
      error === null ? done(null, value) : done(new BadRequest('body', 'the body is not valid JSON')),
    );
  });
}
