import { EnvelopeError, open, seal } from './core/envelope.ts';
import type { Envelope, EnvelopeKind } from './core/envelope.ts';
import type { StoredFields } from './core/migrations.ts';
import { objectOf, orNull, parseFields, parseText, parseUnknown, UnreadableValue } from './core/parse-values.ts';
import type { Parser } from './core/parse-values.ts';

/** What callers of a workflow on the engine need: no Temporal package is imported here. */

/** What an update carries. */
export interface Command<Request = unknown> {
  /** Requests under the same key are carried out once. */
  readonly key: string | null;
  /** A digest of the request: the same key with another one is a mistake of the caller. */
  readonly fingerprint: string;
  readonly request: Request;
}

/** The answer to an update. */
export interface CommandReply<Result = unknown, View = unknown> {
  readonly key: string | null;
  /** The digest of the request that was carried out: for a repeated request, the first one under its key. */
  readonly fingerprint: string;
  readonly requestId: string;
  readonly result: Result;
  readonly view: View;
}

/** Why an update was refused, in the first detail of its failure. */
export interface CommandRefusal<Details = unknown> {
  readonly key: string | null;
  readonly fingerprint: string;
  readonly requestId: string;
  readonly type: string;
  readonly message: string;
  readonly details: Details;
}

/** Parses what an update carries. Its request is for the parser of the update. */
export const parseCommand = objectOf({ key: orNull(parseText), fingerprint: parseText, request: parseUnknown });

const replyFields = { key: orNull(parseText), fingerprint: parseText, requestId: parseText };
export const parseReply: Parser<CommandReply> = objectOf({ ...replyFields, result: parseUnknown, view: parseUnknown });
const parseRefusal = objectOf({ ...replyFields, type: parseText, message: parseText, details: parseUnknown });
const parseEnd = objectOf({ runId: parseText, result: parseUnknown });
const parseContinuation = objectOf({ stored: parseFields });

/** Web Crypto, which processes have and the workflow sandbox does not. */
declare const crypto: { readonly randomUUID: () => string };

/** How a workflow has ended: its result, the first detail of its failure, or a memo. */
export interface EndBody<Result = unknown> {
  /** The run that ended. The end of another run is not accepted. */
  readonly runId: string;
  readonly result: Result;
}

/** Creates a request. Each call gives it another id and another time. */
export function createRequest<Body>(
  kind: Extract<EnvelopeKind, 'start' | 'update' | 'signal' | 'query' | 'memo'>,
  name: string,
  body: Body,
): Envelope<Body> {
  return seal(`${kind}:${name}`, crypto.randomUUID(), Date.now(), body);
}

/** Makes the argument of an update. */
export function createCommand<Request>(
  name: string,
  request: Request,
  { key = null, fingerprint = '' }: { readonly key?: string | null; readonly fingerprint?: string } = {},
): Envelope<Command<Request>> {
  return createRequest('update', name, { key, fingerprint, request });
}

/**
 * Opens the answer to an update.
 *
 * @throws EnvelopeError if it answers neither this command nor one under the same key
 * @throws UnreadableValue if another release has written it in a way that this one cannot read
 */
export function openReply(payload: unknown, name: string, command: Envelope<Command>): CommandReply {
  const { type, body, id } = openKind(payload, 'reply', name);
  const reply = parseReply(body, 'reply');
  if (type === `reply:${name}` && id === command.id) return reply;
  // The server repeats the reply to the first request under a key, which may have been another command: the fingerprint differs then.
  if (command.body.key === null || reply.key !== command.body.key)
    throw new EnvelopeError('wrongRequest', `reply:${name}`);
  return reply;
}

/**
 * Opens the details of an update's failure.
 *
 * @param key the key of the command, under which another command may have been refused before
 * @returns `undefined` if the workflow has not given a reason that can be trusted and read
 */
export function openRefusal(
  details: readonly unknown[] | null | undefined,
  name: string,
  key: string | null = null,
): CommandRefusal | undefined {
  try {
    const { type, body } = openKind(details?.[0], 'refusal', name);
    const refusal = parseRefusal(body, 'refusal');
    return type === `refusal:${name}` || (key !== null && refusal.key === key) ? refusal : undefined;
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof UnreadableValue) return undefined;
    throw error;
  }
}

/**
 * Opens the argument of a workflow: its start, or the continuation of the previous run.
 *
 * @throws EnvelopeError, UnreadableValue
 */
export function openBeginning(
  payload: unknown,
  workflowType: string,
): { readonly start: unknown } | { readonly stored: StoredFields } {
  const isStart = !typeOf(payload).startsWith('continue:');
  const { body } = open(payload, `${isStart ? 'start' : 'continue'}:${workflowType}`);
  return isStart ? { start: body } : { stored: parseContinuation(body, 'continuation').stored };
}

/** Opens a payload of this kind, with any name. */
function openKind(payload: unknown, kind: EnvelopeKind, name: string): Envelope {
  const [given, ...rest] = typeOf(payload).split(':');
  return open(payload, given === kind ? `${kind}:${rest.join(':')}` : `${kind}:${name}`);
}

function typeOf(payload: unknown): string {
  return typeof payload === 'object' && payload !== null && 'type' in payload ? String(payload.type) : '';
}

/**
 * Opens the answer to a query.
 *
 * @throws EnvelopeError if it answers another query
 */
export function openAnswer(payload: unknown, name: string, query: Envelope): unknown {
  return open(payload, `answer:${name}`, query.id).body;
}

/**
 * Opens the end of a workflow: its result, or the first detail of its failure.
 *
 * @param runId the run that has ended, as the server describes it
 * @throws EnvelopeError, UnreadableValue
 */
export function openEnd(payload: unknown, workflowType: string, runId: string): unknown {
  const { runId: ended, result } = parseEnd(open(payload, `end:${workflowType}`).body, 'end');
  if (ended !== runId) throw new EnvelopeError('wrongContext', `end:${workflowType}`);
  return result;
}
