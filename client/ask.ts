import { createHash, randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { ApplicationFailure, WorkflowNotFoundError, type UpdateDefinition } from '@temporalio/common';
import type { Channel } from '../activities/contract.ts';
import type { Asked, Refusal, RefusalType, Reply } from '../workflows/contract.ts';
import { journeyId, KEYED } from '../workflows/contract.ts';
import type { Actor } from '../workflows/events.ts';
import { CoolingDown, KeyReused, NotNow, ProviderUnavailable, Unavailable } from './errors.ts';
import type { OnwardError } from './errors.ts';
import { isAway, isFull, isHeldUp } from './temporal-errors.ts';

/** Who asks, and how often the same request may come. */
export interface Caller extends Actor {
  readonly role: 'app' | 'operator';
  /** The caller's own key: the same request under it is carried out once. */
  readonly idempotencyKey?: string;
}

/** The system itself asks under a name that the server remembers for as long as the journey's run lasts. */
export interface Ourselves extends Actor {
  readonly role: 'onward';
  readonly once: string;
}

/** The journey has ended, or there is none: the caller looks which. */
export const CLOSED = Symbol('closed');

/**
 * Asks a journey something by an update, once for a key.
 *
 * @param wait how long the answer is waited for, in milliseconds
 * @returns the reply, or `CLOSED`
 * @throws NotNow CoolingDown ProviderUnavailable KeyReused Unavailable
 */
export async function ask<R extends Reply, A extends object>(
  client: Client,
  userId: string,
  update: UpdateDefinition<R, [Asked & A]>,
  request: A & { readonly reason: string | null; readonly channel?: Channel },
  caller: Caller | Ourselves,
  wait: number,
): Promise<R | typeof CLOSED> {
  const handle = client.workflow.getHandle(journeyId(userId));
  const { role, name } = caller;
  const repeatable = idOf(caller);
  const asked = { ...request, by: { role, name }, fingerprint: digest([update.name, request]), nonce: randomUUID() };
  // A failed try stays failed under its id, so the next one of the same key has the next id.
  for (let nth = 0; ; nth += 1) {
    const updateId = repeatable === undefined ? asked.nonce : `${repeatable}:${nth}`;
    try {
      const reply = await client.withDeadline(Date.now() + wait, () =>
        handle.executeUpdate(update, { args: [asked], updateId }),
      );
      if (reply.fingerprint !== asked.fingerprint) throw new KeyReused();
      return reply;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return CLOSED;
      const failed = refusalOf(error, update.name, request);
      if (failed === undefined) throw translate(error);
      if (failed.refusal.fingerprint !== asked.fingerprint) throw new KeyReused();
      if (failed.refusal.nonce === asked.nonce) throw failed.error;
    }
  }
}

/** The id of requests that are one and the same, but for the number of their try. */
function idOf(caller: Caller | Ourselves): string | undefined {
  if (caller.role === 'onward') return caller.once;
  const key = keyOf(caller);
  return key === undefined ? undefined : `${KEYED}${key}`;
}

/** A caller's own key, so that no other caller's is the same, and nobody reads it. */
export function keyOf({ role, name, idempotencyKey }: Caller): string | undefined {
  return idempotencyKey === undefined ? undefined : digest([role, name, idempotencyKey]);
}

function refusalOf(
  error: unknown,
  name: string | undefined,
  { channel }: { readonly channel?: Channel },
): { readonly refusal: Refusal; readonly error: OnwardError } | undefined {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure)) return undefined;
  const [refusal] = (error.cause.details ?? []) as [Refusal?];
  if (refusal === undefined) return undefined;
  const retryAt = refusal.retryAt === null ? null : new Date(refusal.retryAt);
  switch (error.cause.type as RefusalType) {
    case 'NotNow':
      return { refusal, error: new NotNow(`${error.cause.message}${forChannel(channel, name, refusal)}`, refusal) };
    case 'CoolingDown':
      return { refusal, error: new CoolingDown(retryAt ?? new Date()) };
    case 'ProviderUnavailable':
      return { refusal, error: new ProviderUnavailable(retryAt) };
  }
}

/** What is refused though the journey takes it is refused for its channel. */
function forChannel(channel: Channel | undefined, name: string | undefined, { allowed }: Refusal): string {
  return channel !== undefined && name !== undefined && name in allowed ? ` for ${channel}` : '';
}

/** An outage of Temporal, or of all workers, in our words; any other error as it is. */
export function translate(error: unknown): unknown {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
    const advice = 'no worker has answered in time; ask again, under the same idempotency key';
    return new Unavailable(advice, { afterDeadline: true });
  }
  if (isHeldUp(error)) {
    return new Unavailable('no worker can go on with this journey now; `onward doctor` says why', { heldUp: true });
  }
  if (isFull(error)) {
    return new Unavailable('this journey is asked more than it can take; ask again in a moment', { heldUp: true });
  }
  if (isAway(error)) return new Unavailable('Temporal cannot be reached; ask again in a moment');
  return error;
}

/** Tells what was asked from anything else. */
export function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
