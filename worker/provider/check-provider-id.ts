import { log } from '@temporalio/activity';
import type { ProviderAttempt } from '../../activities/contract.ts';
import { ProviderError } from '../../activities/provider-error.ts';
import type { CheckedRequest } from '../check-requests.ts';

const FIX =
  'correct SFOX_BASE_URL or ONWARD_PROVIDER_ID; if the address of the provider has changed, add the earlier one to SFOX_FORMER_URLS';

/**
 * Creates a check that a request belongs to the provider of this worker. A journey names its provider in its start; a worker of another
 * one must not serve it. A request that names none is served by every worker.
 *
 * @param ids the names of the provider: its own, then earlier ones
 * @param onAttempt called for each request that is refused
 */
export function createOwnProviderCheck(
  ids: readonly string[],
  onAttempt: (attempt: ProviderAttempt, userId: string) => void,
): (request: CheckedRequest) => void {
  return ({ userId, provider, call, channel }) => {
    if (provider === null || ids.includes(provider)) return;
    onAttempt({ call, channel, reply: 'other_provider' }, userId);
    const [workerProvider = 'a provider without a name'] = ids;
    log.error('refused a request: the journey belongs to another provider than this worker', {
      provider,
      workerProvider,
      fix: FIX,
    });
    throw new ProviderError(
      'OtherProvider',
      `the journey belongs to ${provider}, and this worker to ${workerProvider}`,
    );
  };
}
