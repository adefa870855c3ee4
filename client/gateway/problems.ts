import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { OnwardError } from '../errors.ts';
import { Allowed, Status } from './schemas.ts';

/** Every error that a door answers, by its stable code: status, and what it means for the caller. `docs/errors.md` is written from it. */
export const catalogue = {
  bad_request: { status: 400, meaning: 'The request is wrong: `field` names what, `detail` says what would be right.' },
  bad_signature: {
    status: 401,
    meaning: 'The event is not signed by one of the secrets, or its time is more than five minutes off.',
  },
  unauthorized: { status: 401, meaning: 'No bearer token, or one that is not known here.' },
  forbidden: { status: 403, meaning: 'The token’s role may not do this; `detail` names the roles that may.' },
  not_found: {
    status: 404,
    meaning: 'No journey of this user, or no such address. An unknown user answers as nobody’s would.',
  },
  not_now: {
    status: 409,
    meaning: 'The journey does not take this in its present `state` and `step`; `allowed` is what it takes instead.',
  },
  account_type_differs: {
    status: 409,
    meaning: 'The user has a journey of another account type, which a start never changes.',
  },
  too_large: { status: 413, meaning: 'The body is larger than the door takes: 64 KiB.' },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body is not of a type that this door reads; `detail` names those.',
  },
  key_reused: { status: 422, meaning: 'The idempotency key was used for another request: take a new one.' },
  cooling_down: {
    status: 429,
    meaning: 'The last send is too young for another: again at `retryAt`, or after `Retry-After` seconds.',
  },
  too_many_requests: { status: 429, meaning: 'The token has made too many calls: again after `Retry-After` seconds.' },
  provider_unavailable: {
    status: 503,
    meaning: 'The provider did not judge the code, which is not kept: submit it again after `Retry-After` seconds.',
  },
  unavailable: {
    status: 503,
    meaning: 'Temporal or every worker is away. Ask again after `Retry-After` seconds, under the same idempotency key.',
  },
  internal: { status: 500, meaning: 'A fault of Onward itself. It is logged under `instance`.' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ProblemCode = keyof typeof catalogue;

/** What a problem of a code holds beside the members of RFC 9457. */
const extras: { readonly [C in ProblemCode]?: z.ZodRawShape } = {
  bad_request: { field: z.string().describe('What is wrong: a field of the body or query, or a header.') },
  not_now: { state: Status.shape.state, step: Status.shape.step, allowed: Allowed },
  cooling_down: { retryAt: z.iso.datetime() },
};

/** Their names. */
export const extrasOf = (code: ProblemCode): string[] => Object.keys(extras[code] ?? {});

const examples: { readonly [C in ProblemCode]?: Record<string, unknown> } = {
  bad_request: { field: 'accountType', detail: 'accountType is one of individual, business' },
  not_now: { state: 'emailPending', step: 'locked', allowed: { recheck: {} } },
  cooling_down: { retryAt: '2026-01-31T09:30:30.000Z' },
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
      instance: z.string().describe('The id of the request, as in the logs.'),
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

/** The answers with which a door refuses, by status, as a route's schema has them. */
export function refusals(...codes: readonly ProblemCode[]) {
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

/** An error that only a door makes. */
export class Refused extends OnwardError {
  readonly code: ProblemCode;
  /** Seconds, for the header. */
  readonly retryAfter: number | null;

  constructor(code: ProblemCode, detail: string = catalogue[code].meaning, retryAfter: number | null = null) {
    super(detail);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}
