import type { ConfirmReply, FailureType, SendReply, UserRecord } from '../activities/contract.ts';
import type { EffectFailure } from './engine/core/effects.ts';
import { HOUR } from './journey/policy/policy.ts';
import { replyOfFailure } from './journey/replies.ts';
import type { ProviderReply } from './journey/replies.ts';

/** How the outcome of a provider activity becomes a reply, which is an event of the machine. Pure: no Temporal is imported here. */

type Named<R extends SendReply> = R extends unknown ? Omit<R, 'type'> & { readonly type: `send.${R['type']}` } : never;
type NamedSendReply = Named<SendReply>;

/** The detail of the reply if a worker has taken the activity and never returned its result. */
export const LOST_ACTIVITY = 'the worker did not report back';

/** The reply to a request for the provider's record. */
export type RecordReply = Extract<ProviderReply, { readonly type: `record.${string}` }>;

/** Each reply of the activity is one of the machine's table, under the same name. */
export function toSendReply(reply: SendReply): ProviderReply {
  return { ...reply, type: `send.${reply.type}` } as NamedSendReply;
}

/**
 * A failure that no reply names has an unknown outcome.
 *
 * @param at the time of the reply, in milliseconds since 1970
 */
export function toSendFailure(failure: EffectFailure, at: number): ProviderReply {
  if (failure.kind === 'cancelled') return { type: 'send.stopped' };
  const { type, detail, retryAfter } = toProviderFailure(failure);
  const reply = replyOfFailure('send', type) ?? 'send.unknown';
  if (reply !== 'send.overBudget') return { type: reply, detail };
  return { type: reply, detail, until: at + (retryAfter ?? HOUR) };
}

export function toConfirmReply(reply: ConfirmReply): ProviderReply {
  switch (reply.type) {
    case 'right':
      return { type: 'code.correct' };
    case 'alreadyVerified':
      return { type: 'code.alreadyVerified' };
    case 'wrong':
      return { type: 'code.incorrect' };
  }
}

export function toConfirmFailure(failure: EffectFailure): ProviderReply {
  const { type, detail, retryAfter } = toProviderFailure(failure);
  const reply = replyOfFailure('code', type);
  return reply === undefined ? { type: 'code.notChecked', detail, retryAfter } : { type: reply, detail };
}

export function toRecordReply(record: UserRecord): RecordReply {
  const { isSupported = true, status = null } = record.provider ?? {};
  if (isSupported) return { type: 'record.read', record };
  const reason = 'the provider does not serve this person';
  return { type: 'record.unsupported', record, detail: status === null ? reason : `${reason} (${status})` };
}

export function toRecordFailure(failure: EffectFailure): RecordReply {
  const { type, detail } = toProviderFailure(failure);
  return { type: replyOfFailure('record', type) ?? 'record.unread', detail };
}

interface ProviderFailure {
  readonly type: FailureType;
  readonly detail: string;
  /** Milliseconds; `null` if the provider gave no time. */
  readonly retryAfter: number | null;
}

/** A worker timeout, or a failure without a known type, has an unknown outcome. */
function toProviderFailure(failure: EffectFailure): ProviderFailure {
  if (failure.kind !== 'failed' || !isFailureType(failure.type)) {
    return { type: 'ProviderOutcomeUnknown', detail: LOST_ACTIVITY, retryAfter: null };
  }
  const [retryAfter] = failure.details;
  return {
    type: failure.type,
    detail: failure.message,
    retryAfter: typeof retryAfter === 'number' ? retryAfter : null,
  };
}

const failureTypes: { readonly [T in FailureType]: true } = {
  ProviderUnreached: true,
  ProviderOutOfService: true,
  ProviderUnknownUser: true,
  ProviderRateLimited: true,
  ProviderCredentials: true,
  ProviderOutcomeUnknown: true,
  ProviderRefused: true,
  OtherProvider: true,
  RequestUnreadable: true,
  SendBudgetSpent: true,
};

function isFailureType(type: string): type is FailureType {
  return Object.hasOwn(failureTypes, type);
}
