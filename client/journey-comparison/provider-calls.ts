import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import type { ReplyType } from '../../workflows/journey/replies.ts';
import type { Effect } from '../../workflows/journey/transition.ts';

/** A call to the provider. `at`: when it was requested, in milliseconds since 1970. */
export interface ProviderCall {
  readonly at: number;
  readonly effect: Effect;
}

/** The replies that end the retries of a send, by the limit of the policy that was reached. */
const givenUp: { readonly [T in ReplyType]?: 'retrySendFor' | 'unknownUserFor' } = {
  'send.unreached': 'retrySendFor',
  'send.rateLimited': 'retrySendFor',
  'send.unknownUser': 'unknownUserFor',
};

/** Whether the reply may have differed under the other policy, because a timeout would have been reached, or would not have. */
export function mayHaveTimedOut(
  call: ProviderCall,
  { at, type }: Pick<LogEntry, 'at' | 'type'>,
  [own, other]: readonly [Policy, Policy],
): boolean {
  const took = at - call.at;
  if (own.callTimeout !== other.callTimeout && took >= Math.min(own.callTimeout, other.callTimeout)) return true;
  // Recovery sends in a single attempt.
  if (call.effect.type !== 'send' || call.effect.once === true) return false;
  const limits = ['retrySendFor', 'unknownUserFor'] as const;
  return limits.some(
    (limit) => own[limit] !== other[limit] && (took >= other[limit] || givenUp[type as ReplyType] === limit),
  );
}
