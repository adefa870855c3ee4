import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { escapeText } from '../../../workflows/journey/status/text.ts';
import {
  BadRequest,
  CoolingDown,
  InvalidState,
  OnwardError,
  ProviderUnavailable,
  RevisionDiffers,
  SendBudgetSpent,
  TooManyCommands,
  TooManyWhatIfs,
  Unavailable,
} from '../../errors.ts';
import { allowedForRole, timelineForRole } from '../../../workflows/journey/status/role-views.ts';
import { catalogue, ProblemError, typeOf } from './problems.ts';
import type { ProblemCode } from './problems.ts';

/** Seconds to wait if the error names no time. */
const DEFAULT_RETRY_AFTER_S = 5;

/** Answers an error as a problem (RFC 9457). An unexpected error is logged, and its details are not shown to the caller. */
export function sendProblem(
  error: FastifyError | OnwardError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = error instanceof OnwardError ? error : toProblem(error, request);
  const code = problem.code as ProblemCode;
  if (code === 'internal') request.log.error({ err: error }, 'internal error');
  const { status } = catalogue[code];
  const wait = retryAfter(problem);
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
      detail: escapeText(detailOf(problem, request)),
      instance: `urn:uuid:${request.id}`,
      ...extrasOf(problem, request),
    });
}

function titleOf(status: number): string {
  return STATUS_CODES[status] ?? '';
}

function detailOf(error: OnwardError, request: FastifyRequest): string {
  if (!(error instanceof RevisionDiffers)) return error.message;
  const newest = newestFor(error, request);
  if (newest === null) return error.message;
  const { at, what, by, reason } = newest;
  const actor = by === null ? '' : ` by ${by}`;
  return `${error.message}; meanwhile, at ${at}: ${what}${actor}${reason === null ? '' : ` (${reason})`}`;
}

const newestFor = ({ newest }: RevisionDiffers, { holder }: FastifyRequest) =>
  newest && (timelineForRole([newest], holder?.role)[0] ?? null);

function extrasOf(error: OnwardError, request: FastifyRequest): object {
  if (error instanceof BadRequest) return { field: escapeText(error.field) };
  if (error instanceof CoolingDown || error instanceof SendBudgetSpent) return { retryAt: error.retryAt.toISOString() };
  if (error instanceof ProviderUnavailable) return { guessesLeft: error.guessesLeft };
  if (error instanceof RevisionDiffers) return { revision: error.revision, newest: newestFor(error, request) };
  if (!(error instanceof InvalidState)) return {};
  const { state, step, allowed } = error;
  return { state, step, allowed: allowedForRole(allowed, request.holder?.role) };
}

function retryAfter(error: OnwardError): number | null {
  if (error instanceof ProblemError || error instanceof TooManyCommands || error instanceof TooManyWhatIfs)
    return error.retryAfter;
  if (error instanceof CoolingDown || error instanceof SendBudgetSpent) return secondsUntil(error.retryAt);
  if (error instanceof ProviderUnavailable)
    return error.retryAt === null ? DEFAULT_RETRY_AFTER_S : secondsUntil(error.retryAt);
  return error instanceof Unavailable ? (error.retryAfter ?? DEFAULT_RETRY_AFTER_S) : null;
}

function secondsUntil(time: Date): number {
  return Math.max(1, Math.ceil((time.getTime() - Date.now()) / 1_000));
}

const JSON_ONLY = ['application/json'] as const;

/** Converts an error of the framework. */
function toProblem(error: FastifyError, { routeOptions }: FastifyRequest): OnwardError {
  if (hasZodFastifySchemaValidationErrors(error)) return invalidField(error);
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ProblemError('too_large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ProblemError(
        'unsupported_media_type',
        `send the body as ${(routeOptions.config.reads ?? JSON_ONLY).join(' or ')}`,
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new BadRequest('content-length', 'the length of the body differs from content-length');
    case 'FST_ERR_BAD_URL':
      return new BadRequest('url', 'the URL is not encoded by RFC 3986');
    default:
      if (error.statusCode === undefined || error.statusCode >= 500) return new ProblemError('internal');
      return new BadRequest('request', 'the request cannot be read');
  }
}

function invalidField({ validation, validationContext }: Parameters<typeof fieldOf>[0]): BadRequest {
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
    return [[path, unknown[0]].filter(Boolean).join('.'), `unknown field: ${unknown.join(', ')}`];
  const field = path === '' ? validationContext : path;
  return [field, `${field}: ${first?.message ?? 'is invalid'}`];
}
