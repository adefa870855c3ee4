import { objectOf, parseNumber, recordOf } from './parse-values.ts';
import type { Parser } from './parse-values.ts';

/**
 * What a payload is for. Encryption authenticates only the workflow that a payload belongs to, so each payload
 * also says, inside the ciphertext, what kind of message it is.
 */
export type EnvelopeKind =
  | 'start'
  | 'continue'
  | 'update'
  | 'signal'
  | 'query'
  | 'activity'
  | 'reply'
  | 'refusal'
  | 'answer'
  | 'result'
  | 'failure'
  | 'end'
  | 'memo';

/** A kind and a name, such as `update:override`. No kind contains a colon, so the first one separates the two. */
export type EnvelopeType = `${EnvelopeKind}:${string}`;

/** Every payload of a workflow on the engine. */
export interface Envelope<Body = unknown> {
  readonly type: EnvelopeType;
  /** Unique for each request. The answer to it has the same id. */
  readonly id: string;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  readonly body: Body;
}

/**
 * Why a payload is refused.
 *
 * - `notAuthentic`: it is not an envelope. Payloads that were not encrypted by us never are
 * - `wrongType`: it is another kind of message, or has another name
 * - `wrongContext`: it belongs to another run, workflow or activity
 * - `wrongRequest`: it answers another request
 * - `expired`: it is older than five minutes
 * - `fromFuture`: its clock is more than five minutes ahead
 * - `predatesWorkflow`: it is older than the workflow's own start
 * - `repeated`: it has been accepted before
 */
export const envelopeProblems = [
  'notAuthentic',
  'wrongType',
  'wrongContext',
  'wrongRequest',
  'expired',
  'fromFuture',
  'predatesWorkflow',
  'repeated',
] as const;
export type EnvelopeProblem = (typeof envelopeProblems)[number];

/** A payload is refused. The message reveals nothing of the payload's content. */
export class EnvelopeError extends Error {
  readonly problem: EnvelopeProblem;

  constructor(problem: EnvelopeProblem, expected: string) {
    super(`refused a payload where '${expected}' is expected: ${problem}`);
    this.name = 'EnvelopeError';
    this.problem = problem;
  }
}

/** How long a request may be on its way, and how long its id is remembered. */
export const REQUEST_LIFETIME_MS = 5 * 60_000;

/** The maximum number of remembered ids. Beyond it, every request as old as a forgotten one is refused. */
const MAX_REMEMBERED_IDS = 5_000;

/** Wraps a payload. */
export function seal<Body>(type: EnvelopeType, id: string, at: number, body: Body): Envelope<Body> {
  return { type, id, at, body };
}

/**
 * Opens a payload of this type.
 *
 * @param id the request that it must answer, if it is an answer
 * @throws EnvelopeError
 */
export function open(payload: unknown, type: EnvelopeType, id?: string): Envelope {
  const envelope = parse(payload, type);
  if (envelope.type !== type) throw new EnvelopeError('wrongType', type);
  if (id !== undefined && envelope.id !== id) throw new EnvelopeError('wrongRequest', type);
  return envelope;
}

/** @throws EnvelopeError unless a payload was made within `lifetime` milliseconds before `now`, or by a clock that is five minutes ahead at most */
export function checkAge({ type, at }: Envelope, now: number, lifetime = REQUEST_LIFETIME_MS): void {
  if (at < now - lifetime) throw new EnvelopeError('expired', type);
  if (at > now + REQUEST_LIFETIME_MS) throw new EnvelopeError('fromFuture', type);
}

function parse(payload: unknown, expected: string): Envelope {
  if (typeof payload === 'object' && payload !== null && 'type' in payload && 'id' in payload && 'at' in payload) {
    const { type, id, at, body } = payload as Readonly<Record<string, unknown>>;
    if (
      typeof type === 'string' &&
      typeof id === 'string' &&
      id !== '' &&
      typeof at === 'number' &&
      Number.isFinite(at)
    ) {
      return { type: type as EnvelopeType, id, at, body };
    }
  }
  throw new EnvelopeError('notAuthentic', expected);
}

/** What a gate remembers, as it is stored for the next run. */
export interface StoredGate {
  /** Requests made before this time are refused: the start of the workflow, or later. */
  readonly notBefore: number;
  /** The requests of the last five minutes: when each was made. */
  readonly seen: Readonly<Record<string, number>>;
}

export const parseGate: Parser<StoredGate> = objectOf({ notBefore: parseNumber, seen: recordOf(parseNumber) });

/**
 * Lets each request of a workflow pass once.
 *
 * It is checked twice: `check` in the validator, which changes nothing, and `admit` in the handler, which remembers. Between the two,
 * another handler may have accepted the same request.
 */
export class RequestGate {
  #notBefore: number;
  readonly #seen: Map<string, number>;
  readonly #lifetime: number;

  /** @param lifetime how long a request may be on its way, in milliseconds; `Infinity` where no worker may run for long */
  constructor({ notBefore, seen }: StoredGate, lifetime = REQUEST_LIFETIME_MS) {
    this.#notBefore = notBefore;
    this.#seen = new Map(Object.entries(seen));
    this.#lifetime = lifetime;
  }

  /**
   * @param lifetime of this kind of request, if it is shorter
   * @throws EnvelopeError
   */
  check(payload: unknown, type: EnvelopeType, now: number, lifetime = this.#lifetime): Envelope {
    const envelope = open(payload, type);
    checkAge(envelope, now, lifetime);
    if (envelope.at < this.#notBefore) throw new EnvelopeError('predatesWorkflow', type);
    if (this.#seen.has(envelope.id)) throw new EnvelopeError('repeated', type);
    return envelope;
  }

  /** @throws EnvelopeError */
  admit(payload: unknown, type: EnvelopeType, now: number, lifetime = this.#lifetime): Envelope {
    const envelope = this.check(payload, type, now, lifetime);
    this.#seen.set(envelope.id, envelope.at);
    this.#forget(now);
    return envelope;
  }

  store(now: number): StoredGate {
    this.#forget(now);
    return { notBefore: this.#notBefore, seen: Object.fromEntries(this.#seen) };
  }

  #forget(now: number): void {
    for (const [id, at] of this.#seen) if (at < now - this.#lifetime) this.#seen.delete(id);
    while (this.#seen.size > MAX_REMEMBERED_IDS) {
      const [[id, at] = ['', 0]] = this.#seen;
      this.#seen.delete(id);
      this.#notBefore = Math.max(this.#notBefore, at + 1);
    }
  }
}
