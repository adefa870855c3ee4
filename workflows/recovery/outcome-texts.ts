import type { StallReason } from '../journey/stall-reasons.ts';
import type { AttemptResult } from './contract.ts';

/** What the run of recovery says to operators when it ends. */

/** The outcome of a run in which the provider answered at first. */
export function describeFailureAgain(failed: readonly AttemptResult[]): string {
  const again = 'the provider has failed again';
  return failed.some(({ verdict }) => verdict === 'rateLimited') ? `${again}: ${failureTexts.rateLimited}` : again;
}

/** A journey refuses a retry in the cool-down of a send whose outcome is unknown, and once it has changed. */
export const NOT_YET =
  'no stalled journey can be retried yet: the cool-down after its last send is not over, or it has changed';

/** The outcome of a run in which no canary was answered, by the reason of the last one. */
export const failureTexts: { readonly [R in StallReason]: string } = {
  providerUnavailable: 'the provider gave no usable reply to those that were tried',
  rateLimited: 'the provider limits our requests (429): lower `rates` in the policy file if it repeats',
  credentials: 'the provider rejects the enterprise key for those that were tried',
  providerRefused: 'the provider refused the canary',
  sendLimit: 'the canary has reached a send limit',
  sendBudget: 'the send budget is used up',
  unknownUser: 'the provider does not know the canary',
  unsupported: 'the provider does not serve the canary',
};
