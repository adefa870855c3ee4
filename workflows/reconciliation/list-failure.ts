import { ApplicationFailure } from '@temporalio/workflow';
import type { ProviderFailureType } from '../../activities/contract.ts';
import { ACTIVITY_FAILED } from '../engine/index.ts';

/** What an operator reads of each failure, and does about it. */
const texts: { readonly [T in ProviderFailureType]?: string } = {
  ProviderUnreached: 'the provider could not be reached; start another reconciliation when it can be',
  ProviderOutOfService: 'the provider is out of service; start another reconciliation when it is back',
  ProviderRateLimited: 'the provider limited our requests; start another reconciliation later',
  ProviderCredentials: 'the provider refused the key; correct the key of the workers and restart them',
  ProviderOutcomeUnknown: 'the reply of the provider was incomplete or unreadable; start another reconciliation',
  ProviderRefused: 'the provider refused to list its users; ask the provider why',
};
const UNREPORTED = 'no worker has reported the list; check the workers, then start another reconciliation';

/**
 * Describes for operators why the list of users could not be read.
 *
 * @throws the error if the activity has not failed: a cancellation and the like
 */
export function describeListFailure(error: unknown): string {
  if (!(error instanceof ApplicationFailure && error.type === ACTIVITY_FAILED)) throw error;
  const [type, detail] = error.details ?? [];
  const text = texts[type as ProviderFailureType] ?? UNREPORTED;
  return `the list of users could not be read: ${text}${typeof detail === 'string' ? ` (${detail})` : ''}`;
}
