import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { OnwardError } from '../../errors.ts';
import { Allowed, Status, TimelineEntry } from '../schemas/journey.ts';

/** Every error that a route returns, by its stable code: its status and its meaning for the caller. `docs/errors.md` is generated from it. */
export const catalogue = {
  bad_request: {
    status: 400,
    meaning: 'The request is invalid. `field` names the field, `detail` says what would be valid.',
  },
  bad_signature: {
    status: 401,
    meaning: 'The signature matches none of the secrets, or the timestamp is more than five minutes off.',
  },
  unauthorized: { status: 401, meaning: 'The bearer token is missing or unknown.' },
  forbidden: {
    status: 403,
    meaning:
      'The role of the token does not permit this operation, or another operator has to approve it. `detail` says which.',
  },
  not_found: {
    status: 404,
    meaning:
      'No journey exists for this user, or the path does not exist. Unknown and erased users are indistinguishable.',
  },
  invalid_state: {
    status: 409,
    meaning:
      'The journey does not accept this command in its current `state` and `step`. `allowed` lists the commands that it accepts.',
  },
  revision_differs: {
    status: 412,
    meaning:
      'The journey has another revision than `If-Match` names, so the command was not applied. `newest` is what has happened since. Read the status again before you repeat the command.',
  },
  account_type_differs: {
    status: 409,
    meaning: 'The user has a journey with another account type. Starting a journey never changes an existing one.',
  },
  journey_exists: {
    status: 409,
    meaning:
      '`newUserId` has a journey already, so it cannot supersede another one. Nothing was changed. Cancel the journey that is no longer needed.',
  },
  log_incomplete: {
    status: 409,
    meaning:
      'The log of the journey does not say everything that has happened, or this release does not accept all of it. `detail` says where it ends. Retrying does not help.',
  },
  not_awaiting_approval: {
    status: 409,
    meaning:
      'The bulk operation does not wait for an approval: it needs none, was decided or stopped, or has expired. `detail` says which.',
  },
  too_large: { status: 413, meaning: 'The body is larger than 64 KiB.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The media type of the body is not supported. `detail` names those that are.',
  },
  idempotency_key_reused: {
    status: 422,
    meaning: 'The idempotency key was used for a different request. Use a new key.',
  },
  cooling_down: {
    status: 429,
    meaning:
      'A code was sent recently, or the user was rechecked too often. Retry at `retryAt` or after `Retry-After` seconds.',
  },
  send_budget_spent: {
    status: 429,
    meaning:
      'All users together have been sent as many codes as the budget of the hour or of the day allows. No code was requested. Retry at `retryAt` or after `Retry-After` seconds.',
  },
  too_many_requests: {
    status: 429,
    meaning:
      'The token has made too many calls, this user has too many commands in flight or within a minute, or too many what-ifs are running. `detail` says which. Retry after `Retry-After` seconds.',
  },
  provider_unavailable: {
    status: 503,
    meaning:
      'The provider did not check the code, and the code is not stored. Submit it again after `Retry-After` seconds. `guessesLeft` is the number of tries left for this code.',
  },
  unavailable: {
    status: 503,
    meaning:
      'Temporal is unavailable, no worker is running, the journey is moving to its next run, or the provider of OpenID Connect does not respond. `detail` says which. Retry after `Retry-After` seconds with the same idempotency key.',
  },
  audit_unavailable: {
    status: 503,
    meaning:
      'The audit log cannot be written, so the command was not carried out. Retry after `Retry-After` seconds. Reads still work.',
  },
  internal: { status: 500, meaning: 'An internal error. It is logged under `instance`.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ProblemCode = keyof typeof catalogue;

/** The members of a problem in addition to those of RFC 9457. */
const extras: { readonly [C in ProblemCode]?: z.ZodRawShape } = {
  bad_request: { field: z.string().describe('The invalid field of the body or query, or the invalid header.') },
  invalid_state: { state: Status.shape.state, step: Status.shape.step, allowed: Allowed },
  revision_differs: {
    revision: z.int().describe('The current revision.'),
    newest: TimelineEntry.nullable().describe(
      'The newest act of a person since the revision of `If-Match`, otherwise the newest event; `null` if that revision is ahead.',
    ),
  },
  cooling_down: { retryAt: z.iso.datetime() },
  send_budget_spent: { retryAt: z.iso.datetime() },
  provider_unavailable: {
    guessesLeft: z
      .int()
      .min(0)
      .nullable()
      .describe('The number of tries left for this code. At 0, request another code.'),
  },
};

/** Returns the names of the additional members. */
export const extrasOf = (code: ProblemCode): string[] => Object.keys(extras[code] ?? {});

const examples: { readonly [C in ProblemCode]?: Record<string, unknown> } = {
  bad_request: { field: 'accountType', detail: 'accountType must be one of individual, business' },
  invalid_state: { state: 'emailPending', step: 'locked', allowed: { recheck: {} } },
  revision_differs: {
    revision: 7,
    newest: { at: '2026-01-31T09:30:00.000Z', what: 'Paused', by: 'operator day', reason: 'a suspicious sign-up' },
  },
  cooling_down: { retryAt: '2026-01-31T09:30:30.000Z' },
  send_budget_spent: { retryAt: '2026-01-31T10:00:00.000Z' },
  provider_unavailable: { guessesLeft: 4 },
};

const problemSchemas = new Map<ProblemCode, z.ZodObject>();

/** The schema of a code's problem. */
export function problemSchema(code: ProblemCode): z.ZodObject {
  const known = problemSchemas.get(code);
  if (known !== undefined) return known;
  const { status, meaning } = catalogue[code];
  const schema = z
    .object({
      type: z.literal(typeOf(code)),
      title: z.literal(STATUS_CODES[status] ?? ''),
      status: z.literal(status),
      code: z.literal(code),
      detail: z.string(),
      instance: z.string().describe('The id of the request, as in the logs and in `x-request-id`.'),
      ...extras[code],
    })
    .describe(meaning)
    .meta({ id: `Problem_${code}`, examples: [example(code)] });
  problemSchemas.set(code, schema);
  return schema;
}

function example(code: ProblemCode): Record<string, unknown> {
  const { status, meaning } = catalogue[code];
  const instance = 'urn:uuid:3f0c8a52-2f3b-4a57-9a55-0d6a1cf1f1f7';
  return {
    type: typeOf(code),
    title: STATUS_CODES[status],
    status,
    code,
    detail: meaning,
    instance,
    ...examples[code],
  };
}

export const typeOf = (code: ProblemCode) => `urn:onward:problem:${code}`;

/** The error responses of a route by status, for its schema. */
export function problemResponses(...codes: readonly ProblemCode[]) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const { status } = catalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const schemas = same.map(problemSchema);
      const [only] = schemas;
      const schema = schemas.length === 1 && only !== undefined ? only : z.union(schemas as [z.ZodObject, z.ZodObject]);
      return [status, { description: same.join(', '), content: { 'application/problem+json': { schema } } }];
    }),
  );
}

/** An error that only a route raises. */
export class ProblemError extends OnwardError {
  readonly code: ProblemCode;
  /** The value of `Retry-After`, in seconds. */
  readonly retryAfter: number | null;

  constructor(code: ProblemCode, detail: string = catalogue[code].meaning, retryAfter: number | null = null) {
    super(detail);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
