import type { Client } from '@temporalio/client';
import { describeTrouble, troubleTexts } from '../monitoring/provider-trouble.ts';
import { readProviderHealth } from '../monitoring/provider-health.ts';
import type { ProviderHealth } from '../monitoring/provider-health.ts';
import { failed, passed } from './check.ts';
import type { Check } from './check.ts';
import { runCheck } from './server-checks.ts';

const UNKNOWN_RECORD_FIX =
  'compare a record of sFOX (GET /v1/enterprise/users/:user_id) with docs/reconciliation.md; what is unknown in it is not used';

const OTHER_PROVIDER_FIX =
  'stop the workers whose SFOX_BASE_URL is wrong; if the address of the provider has changed, set SFOX_FORMER_URLS to the earlier one';

/** Checks the provider's recent replies to all workers, by share of requests. */
export function checkProviderReplies(client: Client, taskQueue: string): Promise<Check> {
  return runCheck(client, 'providerReplies', async () => evaluateReplies(await readProviderHealth(client, taskQueue)));
}

/** Evaluates the provider's recent replies. `null`: no worker reports any. */
export function evaluateReplies(health: Pick<ProviderHealth, 'troubles' | 'replies'> | null): Check {
  if (health === null) return passed('providerReplies', 'no recent requests');
  const { troubles, replies } = health;
  if (troubles.length > 0) {
    const actions = troubles.map(({ kind }) => troubleTexts[kind].action);
    return failed('providerReplies', troubles.map(describeTrouble).join('; '), actions.join('; '));
  }
  if (replies.other_provider > 0) {
    const found = `workers refused ${replies.other_provider} requests of journeys of another provider than theirs: their logs name both`;
    return failed('providerReplies', found, OTHER_PROVIDER_FIX);
  }
  const requests = Object.values(replies).reduce((sum, count) => sum + count, 0);
  if (replies.unknown_record > 0) {
    const found = `${replies.unknown_record} of ${requests} requests of the last 15 minutes were answered with a record of an unknown shape`;
    return failed('providerReplies', found, UNKNOWN_RECORD_FIX);
  }
  return passed(
    'providerReplies',
    `no failure of several users in the most recent requests, of ${requests} in the last 15 minutes`,
  );
}
