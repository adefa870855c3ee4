import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { Channel } from '../../activities/contract.ts';
import { createCommand, openReply } from '../../workflows/engine/client.ts';
import type { Command } from '../../workflows/engine/client.ts';
import type { Envelope } from '../../workflows/engine/core/envelope.ts';
import { UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { UpdateName, Updates } from '../../workflows/contract.ts';
import { journeyId, KEYED_PREFIX } from '../../workflows/contract.ts';
import type { Actor } from '../../workflows/journey/actor.ts';
import type { Status } from '../../workflows/journey/status/status.ts';
import { IdempotencyKeyReused, Unavailable } from '../errors.ts';
import { isUnavailable, isUpdateAborted } from '../temporal/grpc-codes.ts';
import { describeWorkflow } from '../temporal/messages.ts';
import { translateError as translate } from '../temporal/translate-errors.ts';
import { parseStatus, unreadableOnThisRelease } from './closed-journey.ts';
import { refusalOf, updateEndOf } from './update-failures.ts';
import type { UpdateEnd } from './update-failures.ts';
import { parseUpdateResult } from './update-results.ts';

export { translate };

/** The caller of a command and its idempotency key. */
export interface Caller extends Actor {
  readonly role: 'app' | 'operator';
  /** A person who has logged in by OpenID Connect; absent for a token. */
  readonly personId?: string;
  /** The same request with the same key is executed once. */
  readonly idempotencyKey?: string;
}

/** Onward itself as a caller. `once` is an update id, which the server remembers for the run of the journey. */
export interface SystemCaller extends Actor {
  readonly role: 'onward';
  readonly once: string;
}

/** The journey is closed or does not exist; the caller checks which. */
export const CLOSED = Symbol('closed');

/** How long and how often to retry a command that the journey does not accept at the moment, in milliseconds. */
const RETRY_FOR_MS = 4_000;
const RETRY_EVERY_MS = 150;

/** Time without a reply after which to check that the server responds, in milliseconds. */
const PROBE_AFTER_MS = 3_000;

/** The reply to an update: its result, and the status after it. */
export type UpdateReply<Name extends UpdateName> = Updates[Name]['result'] & { readonly status: Status };

/**
 * Sends an update to a journey, once per idempotency key, and waits for the reply.
 *
 * @param wait how long to wait for the reply, in milliseconds
 * @returns the reply, or `CLOSED`
 * @throws InvalidState CoolingDown ProviderUnavailable IdempotencyKeyReused TooManyCommands Unavailable
 */
export async function sendUpdate<Name extends UpdateName>(
  client: Client,
  userId: string,
  name: Name,
  request: Omit<Updates[Name]['request'], 'by'>,
  caller: Caller | SystemCaller,
  wait: number,
): Promise<UpdateReply<Name> | typeof CLOSED> {
  const handle = client.workflow.getHandle(journeyId(userId));
  const { role, name: who } = caller;
  const key = updateIdFor(caller) ?? null;
  // The revision that the caller has seen is a condition, not a part of what is requested. Onward itself gives the same reason in other
  // words when it comes back to a journey: its key identifies the request.
  const fingerprint = digest([name, caller.role === 'onward' ? null : { ...request, ifRevision: undefined }]);
  const channel = 'channel' in request ? (request.channel as Channel | undefined) : undefined;
  const startedAt = Date.now();
  // A failed update stays failed under its id, so the next attempt with the same key needs the next id.
  const create = () => createCommand(name, { ...request, by: { role, name: who } }, { key, fingerprint });
  for (let nth = 0, command = create(); ;) {
    const updateId = key === null ? command.id : `${key}:${nth}`;
    const mayRetry = () => Date.now() - startedAt < Math.min(RETRY_FOR_MS, wait);
    try {
      const send = () => handle.executeUpdate<unknown, [unknown]>(name, { args: [command], updateId });
      const payload = await whileReachable(client, userId, client.withDeadline(startedAt + wait, send));
      return readReply(payload, name, command);
    } catch (error) {
      const end = await settledEnd(client, userId, error);
      if (end === 'closed') return CLOSED;
      const refused = refusalOf(error, command, name, channel);
      if ((end !== undefined || refused?.isRetryable === true) && mayRetry()) {
        await pause(RETRY_EVERY_MS * (1 + Math.random()));
        if (end !== 'resend') command = create();
        continue;
      }
      if (refused === undefined) throw end === undefined ? translate(error) : runEnded(error);
      // For a code that was not checked, the error would reveal whether another code is the same, without a guess.
      if (refused.fingerprint !== fingerprint && name !== 'submitCode') throw new IdempotencyKeyReused();
      if (refused.requestId === command.id) throw refused.error;
      nth += 1;
      command = create();
    }
  }
}

/** Reads the reply to an update, which a worker of another release may have sent. The journey has carried out the command all the same. */
function readReply<Name extends UpdateName>(
  payload: unknown,
  name: Name,
  command: Envelope<Command>,
): UpdateReply<Name> {
  try {
    const { fingerprint, result, view } = openReply(payload, name, command);
    if (fingerprint !== command.body.fingerprint) throw new IdempotencyKeyReused();
    return { ...parseUpdateResult(name, result), status: parseStatus(view) };
  } catch (error) {
    throw error instanceof UnreadableValue ? unreadableOnThisRelease(`reply to ${name}`, error) : error;
  }
}

/** Decides how to handle an update that Temporal has ended. If its run was ended from outside, checks whether another run is open. */
async function settledEnd(
  client: Client,
  userId: string,
  error: unknown,
): Promise<Exclude<UpdateEnd, 'look'> | undefined> {
  const end = updateEndOf(error);
  if (end !== 'look') return end;
  try {
    const { status } = await describeWorkflow(client, journeyId(userId));
    return status.name === 'RUNNING' ? 'retry' : 'closed';
  } catch (unseen) {
    if (unseen instanceof WorkflowNotFoundError) return 'closed';
    throw translate(unseen);
  }
}

/** Returns the error for a command that the journey did not accept during all retries. */
function runEnded(error: unknown): unknown {
  const heldUp = (what: string) => new Unavailable(`${what}; retry in a few seconds`, { heldUp: true, cause: error });
  // Its code is UNAVAILABLE, and yet Temporal is reachable: it aborts updates that have waited for the journey for too long.
  if (isUpdateAborted(error))
    return heldUp('too many commands of this user are in flight, so this one was not accepted');
  const translated = translate(error);
  return translated === error
    ? heldUp('the run of this journey was ended while it carried out the command')
    : translated;
}

/**
 * Waits for a reply as long as Temporal is reachable. An update may take long, so its deadline alone does not distinguish
 * a server that is down from a slow worker.
 */
async function whileReachable<T>(client: Client, userId: string, answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const probe = async () => {
    await pause(PROBE_AFTER_MS, undefined, { signal: answered.signal });
    await describeWorkflow(client, journeyId(userId));
  };
  const probed = probe().then(
    () => answer,
    (error: unknown) => {
      if (isUnavailable(error)) throw error;
      return answer;
    },
  );
  try {
    return await Promise.race([answer, probed]);
  } finally {
    answered.abort();
  }
}

/** Returns the update id, without the attempt number, that repeated requests share. */
function updateIdFor(caller: Caller | SystemCaller): string | undefined {
  if (caller.role === 'onward') return caller.once;
  const key = keyedUpdateId(caller);
  return key === undefined ? undefined : `${KEYED_PREFIX}${key}`;
}

/** Hashes an idempotency key together with its caller, so that keys of different callers never collide and stay secret. */
export function keyedUpdateId({ role, name, idempotencyKey }: Caller): string | undefined {
  return idempotencyKey === undefined ? undefined : digest([role, name, idempotencyKey]);
}

/** Returns a fingerprint of a request. */
export function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
