import type { RecoveryVerdict } from '../contract.ts';
import { factsOf } from '../journey/replies.ts';
import { recoverableReasons } from '../journey/stall-reasons.ts';

/** Classifies the last reply to an attempt. A refusal is an answer: it concerns only this user. */
export function verdictOf(reply: { readonly type: string } | undefined): RecoveryVerdict {
  const reason = reply === undefined ? 'providerUnavailable' : factsOf(reply.type)?.stall?.reason;
  return reason !== undefined && recoverableReasons.includes(reason)
    ? { reachedProvider: false, reason }
    : { reachedProvider: true, reason: null };
}
