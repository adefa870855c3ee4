import type { Allowed, ProblemCode, Status } from './types.ts';

/** What a problem of RFC 9457 holds, as Onward answers it. */
interface Body {
  readonly code?: ProblemCode;
  readonly detail?: string;
  readonly field?: string;
  readonly state?: Status['state'];
  readonly step?: Status['step'];
  readonly allowed?: Allowed;
  readonly retryAt?: string;
}

/** Why a call was refused or failed. `code` is stable; `docs/errors.md` lists them. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  /** Of HTTP; 0 where nobody answered. */
  readonly status: number;
  readonly detail: string;
  /** What is wrong with a `bad_request`. */
  readonly field: string | null;
  /** In how many seconds to ask again. */
  readonly retryAfter: number | null;
  /** Where the journey is, with `not_now`. */
  readonly state: Status['state'] | null;
  readonly step: Status['step'];
  /** What it takes instead, with `not_now`. */
  readonly allowed: Allowed | null;
  /** When a send is allowed again, with `cooling_down`. */
  readonly retryAt: Date | null;

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
  }
}

/** The problem in an answer that is none of those hoped for. */
export async function problemIn(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '');
  const isOurs = response.headers.get('content-type')?.includes('problem+json') === true;
  const body = isOurs ? parse(text) : undefined;
  const { status } = response;
  const detail = `an answer ${status} that is not Onward’s: is the address right, or a proxy in between?`;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isNaN(seconds) ? null : seconds;
  return new Problem(status, { code: 'unexpected', detail, ...body }, retryAfter);
}

/** The problem that nobody answered. */
export function unreachable(url: string, cause: unknown): Problem {
  return new Problem(0, { code: 'unreachable', detail: `nobody answers at ${url}` }, null, cause);
}

function parse(text: string): Body | undefined {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return undefined;
  }
}
