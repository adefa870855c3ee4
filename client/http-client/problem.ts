import type { Allowed, ProblemCode, Status, Timeline } from './types.ts';

/** The body of a problem (RFC 9457). */
interface Body {
  readonly code?: ProblemCode;
  readonly detail?: string;
  readonly field?: string;
  readonly state?: Status['state'];
  readonly step?: Status['step'];
  readonly allowed?: Allowed;
  readonly retryAt?: string;
  readonly guessesLeft?: number | null;
  readonly revision?: number;
  readonly newest?: Timeline['items'][number] | null;
}

/** A call was refused or failed. `code` is stable; `docs/errors.md` lists the codes. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  /** The HTTP status; 0 if no response arrived. */
  readonly status: number;
  readonly detail: string;
  /** The invalid field, with `bad_request`. */
  readonly field: string | null;
  /** Seconds to wait before a retry. */
  readonly retryAfter: number | null;
  /** The state and step of the journey, with `invalid_state`. */
  readonly state: Status['state'] | null;
  readonly step: Status['step'];
  /** The allowed commands, with `invalid_state`. */
  readonly allowed: Allowed | null;
  /** The time from which a send is allowed, with `cooling_down` and `send_budget_spent`. */
  readonly retryAt: Date | null;
  /** How many tries are left for the code, with `provider_unavailable`. At 0 the user needs another code. */
  readonly guessesLeft: number | null;
  /** The current revision of the journey, with `revision_differs`. */
  readonly revision: number | null;
  /** What happened since the revision that the caller has seen, with `revision_differs`. */
  readonly newest: Timeline['items'][number] | null;

  constructor(status: number, body: Body & { readonly code: ProblemCode }, retryAfter: number | null, cause?: unknown) {
    super(body.detail ?? body.code, cause === undefined ? {} : { cause });
    this.code = body.code;
    this.status = status;
    this.detail = this.message;
    this.field = body.field ?? null;
    this.retryAfter = retryAfter;
    this.state = body.state ?? null;
    this.step = body.step ?? null;
    this.allowed = body.allowed ?? null;
    this.retryAt = body.retryAt === undefined ? null : new Date(body.retryAt);
    this.guessesLeft = body.guessesLeft ?? null;
    this.revision = body.revision ?? null;
    this.newest = body.newest ?? null;
  }
}

/** Reads the problem of a response that is not a success. */
export async function problemIn(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  const isOurs = response.headers.get('content-type')?.includes('problem+json') === true;
  const body = isOurs ? parse(text) : undefined;
  const retryAfter = secondsOf(response.headers.get('retry-after'));
  if (body !== undefined) return new Problem(response.status, body, retryAfter);
  return unexpectedResponse(response, 'which is not one of Onward’s problems', { retryAfter });
}

/**
 * Creates the problem that something other than Onward responded, such as a proxy or another service.
 *
 * @param what what is wrong with the response, after "got status 200,"
 */
export function unexpectedResponse(
  { status }: Pick<Response, 'status'>,
  what: string,
  { retryAfter = null, cause }: { readonly retryAfter?: number | null; readonly cause?: unknown } = {},
): Problem {
  const detail = `expected a response of Onward’s gateway; got status ${status}, ${what}; check the URL, and whether a proxy is in between`;
  return new Problem(status, { code: 'unexpected_response', detail }, retryAfter, cause);
}

/**
 * Creates the problem that no complete response arrived.
 *
 * @param what the observation, followed by the origin
 */
export function unreachable(url: string, cause: unknown, what = 'no response from'): Problem {
  return new Problem(0, { code: 'unreachable', detail: `${what} ${originOf(url)}` }, null, cause);
}

/** Returns the origin, because a URL may contain a password. */
function originOf(url: string): string {
  const { protocol, origin } = URL.canParse(url) ? new URL(url) : { protocol: '', origin: '' };
  return /^https?:$/.test(protocol) ? origin : 'this address, which is not an http or https URL';
}

/** Parses a problem of Onward. A problem of another server has no `code`. */
function parse(text: string): (Body & { readonly code: ProblemCode }) | undefined {
  try {
    const body = JSON.parse(text) as Partial<Body> | null;
    return typeof body?.code === 'string' && typeof body.detail === 'string' ? { ...body, code: body.code } : undefined;
  } catch {
    return undefined;
  }
}

/** `Retry-After` is a number of seconds, or a date. */
function secondsOf(text: string | null): number | null {
  if (text === null) return null;
  if (/^\d+$/.test(text)) return Number(text);
  const at = /^[A-Z][a-z]{2}, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - Date.now()) / 1_000));
}
