import { randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify from 'fastify';
import type { FastifyBaseLogger, FastifyError } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { createCodec } from '../codec.ts';
import type { EncryptionKey } from '../encryption.ts';
import { BadRequest } from '../errors.ts';
import type { Onward } from '../onward.ts';
import { defaultRates } from '../settings.ts';
import type { EventRules, Rates } from '../settings.ts';
import { audit } from './audit.ts';
import { codec } from './codec.ts';
import { console } from './console.ts';
import { commands } from './commands.ts';
import { directory } from './directory.ts';
import { endInOrder } from './ending.ts';
import { letIn } from './entry.ts';
import { events } from './events.ts';
import { EventStreams } from './event-streams.ts';
import { meters } from './meters.ts';
import { now } from './now.ts';
import { openapi } from './openapi.ts';
import { operating } from './operating.ts';
import { operations } from './operations.ts';
import { Refused } from './problems.ts';
import { reading } from './reading.ts';
import { recovery } from './recovery.ts';
import { refuse } from './refusing.ts';
import type { App } from './routes.ts';
import { Sessions } from './sessions.ts';
import { starting } from './starting.ts';
import type { Token } from './tokens.ts';
import { traced } from './traced.ts';
import { webhooks } from './webhooks.ts';

export interface GatewayOptions {
  readonly onward: Onward;
  readonly tokens: readonly Token[];
  /** Of sign-up events: `whsec_…`, any of which may have signed. */
  readonly webhookSecrets: readonly string[];
  readonly eventRules: EventRules;
  /** Milliseconds: events that are older are ignored. */
  readonly journeyLife: number;
  /** Calls of one token in a span of milliseconds. */
  readonly rate: { readonly calls: number; readonly within: number };
  /** Whether Temporal answers. */
  readonly isReady: () => Promise<boolean>;
  readonly logger: FastifyBaseLogger;
  /** Where acts are written that must outlive Temporal's retention; the log where there is none. */
  readonly auditLog?: Pick<FastifyBaseLogger, 'info'>;
  readonly trustProxy?: boolean;
  /** Newest first: what the codec reads, and what seals a session. */
  readonly encryptionKeys: readonly [EncryptionKey, ...EncryptionKey[]];
  /** The workers' share of the provider's rate, to be shown; the default's where it is not told. */
  readonly rates?: Rates;
  /** Where Temporal’s own pages show workflows, for the console to point to. */
  readonly temporalUi?: string | undefined;
  /** Where Temporal’s own pages may ask the codec from. */
  readonly codecOrigins?: readonly string[];
  /** The folder of the console's compiled pages; without it, the one beside this. */
  readonly consolePages?: string;
  /** How long a request may take to arrive whole, and how often that is looked at; milliseconds. */
  readonly patience?: { readonly request: number; readonly look: number };
}

const pages = fileURLToPath(new URL('../console/pages', import.meta.url));
const LONGEST_BODY = 64 * 1_024;
/** Whoever sends a byte now and then would hold a connection for ever. */
const PATIENCE = { request: 30_000, look: 5_000 } as const;
/** Longer than a user id may be, so that one that is too long is told what is right. */
const LONGEST_PARAM = 8_192;

/** The gateway as an application, apart from the process that serves it. */
export async function createGateway(options: GatewayOptions): Promise<App> {
  const { onward, tokens, rate, logger, patience = PATIENCE } = options;
  const app: App = Fastify({
    loggerInstance: logger,
    bodyLimit: LONGEST_BODY,
    requestTimeout: patience.request,
    http: {
      headersTimeout: patience.request,
      requestTimeout: patience.request,
      connectionsCheckingInterval: patience.look,
    },
    trustProxy: options.trustProxy ?? false,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: LONGEST_PARAM },
    frameworkErrors: (error, request, reply) => void refuse(error, request, reply),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  app.decorateRequest('holder', null);
  app.setErrorHandler<FastifyError>((error, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler(() => {
    throw new Refused('not_found', 'there is no such address, or not by this method: /openapi.json has all of them');
  });
  readJson(app);
  const over = endInOrder(app);
  const sessions = new Sessions(options.encryptionKeys, tokens);
  await app.register(cookie);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('cache-control', 'no-store');
    letIn(request, tokens, sessions);
  });
  traced(app);
  const metrics = meters(app, onward);
  audit(app, options.auditLog ?? logger);
  await app.register(helmet, { contentSecurityPolicy: { directives: { defaultSrc: ["'none'"] } } });
  await app.register(rateLimit, {
    max: rate.calls,
    timeWindow: rate.within,
    keyGenerator: ({ holder, ip }) => (holder === null ? ip : `${holder.role}:${holder.name}`),
    errorResponseBuilder: (_request, { ttl }) => new Refused('too_many_requests', undefined, Math.ceil(ttl / 1_000)),
  });
  await app.register(swagger, openapi);
  const { webhookSecrets: secrets, eventRules: rules, journeyLife } = options;
  await app.register(events, { onward, secrets, rules, journeyLife });
  await app.register(starting, { onward });
  const streams = new EventStreams(over);
  await app.register(reading, { onward, over, streams });
  await app.register(commands, { onward });
  await app.register(directory, { onward });
  await app.register(now, { onward, rates: options.rates ?? defaultRates, streams });
  await app.register(operations, { operations: onward.operations });
  await app.register(recovery, { recovery: onward.recovery });
  await app.register(webhooks, { onward });
  await app.register(codec, {
    prefix: '/codec',
    codec: createCodec(options.encryptionKeys),
    origins: options.codecOrigins ?? [],
  });
  const { consolePages = pages, temporalUi } = options;
  await app.register(console, { tokens, sessions, pages: consolePages, temporalUi });
  await app.register(operating, { isReady: options.isReady, metrics });
  return app;
}

/** Reads JSON alone, in UTF-8. An empty body is none. */
function readJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (body.length === 0) return done(null, undefined);
    if (!isUtf8(body)) return done(new BadRequest('body', 'the body is JSON in UTF-8'));
    return parse(request, body.toString(), (error, value) =>
      error === null ? done(null, value) : done(new BadRequest('body', 'the body is no JSON')),
    );
  });
}
