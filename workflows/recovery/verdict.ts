import type { StallReason } from '../context.ts';
import type { Verdict } from '../contract.ts';
import type { Answer } from '../events.ts';

/** The answers that are none: the provider has not judged, for this reason. */
const unjudged: { readonly [A in Answer['type']]?: StallReason } = {
  sendUnreached: 'providerUnavailable',
  sendUnknown: 'providerUnavailable',
  sendRateLimited: 'rateLimited',
  sendCredentials: 'credentials',
  recordUnread: 'providerUnavailable',
  recordCredentials: 'credentials',
};

/** What the last answer to a try says of the provider. A refusal is a judgement: it is the user's own trouble. */
export function verdictOf(answer: Pick<Answer, 'type'> | undefined): Verdict {
  const reason = answer === undefined ? 'providerUnavailable' : (unjudged[answer.type] ?? null);
  return { judged: reason === null, reason };
}
