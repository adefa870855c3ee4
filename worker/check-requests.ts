import type { ProviderAttempt } from '../activities/contract.ts';
import { toCheckFailure, toSendFailure } from '../activities/failures.ts';
import type { Provider } from '../activities/sfox/provider-activities.ts';

/** What a check knows of a request. */
export interface CheckedRequest extends Omit<ProviderAttempt, 'reply'> {
  readonly userId: string;
  readonly provider: string | null;
}

/**
 * Runs a check before each request to a provider.
 *
 * @param check throws a `ProviderError` if the request must not be made; the activity is then retried, perhaps by another worker
 */
export function checkRequests(
  { sends, checks, ...provider }: Provider,
  check: (request: CheckedRequest) => void | Promise<void>,
): Provider {
  const checkRead = async (request: CheckedRequest) => {
    try {
      await check(request);
    } catch (error) {
      throw toCheckFailure(error, ['OtherProvider', 'ProviderUnreached']);
    }
  };
  return {
    sends: {
      async sendCode(request) {
        try {
          await check({ ...request, call: 'send' });
        } catch (error) {
          throw toSendFailure(error, request);
        }
        return sends.sendCode(request);
      },
    },
    checks: {
      async confirmCode(request) {
        await checkRead({ ...request, call: 'confirm' });
        return checks.confirmCode(request);
      },
      async readUser(request) {
        await checkRead({ ...request, call: 'read', channel: 'none' });
        return checks.readUser(request);
      },
    },
    directory: provider.directory,
    close: () => provider.close(),
  };
}
