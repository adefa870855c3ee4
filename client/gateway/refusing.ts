import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { BadRequest, CoolingDown, NotNow, OnwardError, ProviderUnavailable, Unavailable } from '../errors.ts';
import { allowedTo } from './allowed.ts';
import { catalogue, Refused, typeOf } from './problems.ts';
import type { ProblemCode } from './problems.ts';

/** Seconds to wait where nobody named a time. */
const RETRY_AFTER = 5;

/** Answers an error as a problem (RFC 9457). What nobody has foreseen is a fault of ours: logged, and not shown. */
export function refuse(error: FastifyError | OnwardError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = error instanceof OnwardError ? error : inOurWords(error, request);
  const code = known.code as ProblemCode;
  if (code === 'internal') request.log.error({ err: error }, 'a fault of our own');
  const { status } = catalogue[code];
  const wait = retryAfter(known);
  if (wait !== null) reply.header('retry-after', wait);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send({
      type: typeOf(code),
      title: titleOf(status),
      status,
      code,
      detail: known.message,
      instance: `urn:uuid:${request.id}`,
      ...extrasOf(known, request),
    });
}

function titleOf(status: number): string {
  return STATUS_CODES[status] ?? '';
}

function extrasOf(error: OnwardError, { holder }: FastifyRequest): object {
  if (error instanceof BadRequest) return { field: error.field };
  if (error instanceof CoolingDown) return { retryAt: error.retryAt.toISOString() };
  if (!(error instanceof NotNow)) return {};
  const { state, step, allowed } = error;
  return { state, step, allowed: allowedTo(allowed, holder?.role) };
}

function retryAfter(error: OnwardError): number | null {
  if (error instanceof Refused) return error.retryAfter;
  if (error instanceof CoolingDown) return secondsUntil(error.retryAt);
  if (error instanceof ProviderUnavailable) return error.retryAt === null ? RETRY_AFTER : secondsUntil(error.retryAt);
  return error instanceof Unavailable ? RETRY_AFTER : null;
}

function secondsUntil(time: Date): number {
  return Math.max(1, Math.ceil((time.getTime() - Date.now()) / 1_000));
}

const JSON_ALONE = ['application/json'] as const;

/** What the framework refuses by itself. */
function inOurWords(error: FastifyError, { routeOptions }: FastifyRequest): OnwardError {
  if (hasZodFastifySchemaValidationErrors(error)) return wrongField(error);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refused('too_large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new Refused(
        'unsupported_media_type',
        `send the body as ${(routeOptions.config.reads ?? JSON_ALONE).join(' or ')}`,
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new BadRequest('content-length', 'the body is of another length than content-length says');
    case 'FST_ERR_BAD_URL':
      return new BadRequest('url', 'the address is not encoded as RFC 3986 wants it');
    default:
      if (error.statusCode === undefined || error.statusCode >= 500) return new Refused('internal');
      return new BadRequest('request', 'the request cannot be read');
  }
}

function wrongField({ validation, validationContext }: Parameters<typeof fieldOf>[0]): BadRequest {
  return new BadRequest(...fieldOf({ validation, validationContext }));
}

interface ZodProblems {
  readonly validation: readonly {
    readonly instancePath: string;
    readonly message?: string;
    readonly params: { readonly keys?: readonly string[] };
  }[];
  readonly validationContext?: string | undefined;
}

function fieldOf({ validation, validationContext = 'body' }: ZodProblems): [field: string, message: string] {
  const [first] = validation;
  const path =
    first?.instancePath
      .split('/')
      .filter((part) => part !== '')
      .join('.') ?? '';
  const unknown = first?.params.keys;
  if (unknown !== undefined)
    return [[path, unknown[0]].filter(Boolean).join('.'), `there is no such field: ${unknown.join(', ')}`];
  const field = path === '' ? validationContext : path;
  return [field, `${field}: ${first?.message ?? 'is wrong'}`];
}
