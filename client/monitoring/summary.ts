import type { Client } from '@temporalio/client';
import { JourneySearch } from '../search/journey-search.ts';
import type { Counts } from '../search/journey-search.ts';
import { defaultSendBudget } from '../config/policy-file.ts';
import { cachedFor } from './cached.ts';
import { translatingErrors } from '../journeys/status-reader.ts';
import { Blockers } from './blockers.ts';
import type { Blocker } from './blockers.ts';
import type { ProviderHealth } from './provider-health.ts';
import { sendBudgetUse } from './send-budget.ts';
import type { SendBudgetUse } from './send-budget.ts';
import type { UndeliveredCounts } from '../webhooks/undelivered.ts';
import type { SendBudget } from '../../workflows/provider-health/code-counts.ts';

/** Number of journeys by state, step and reason, and what blocks them. */
export interface Summary extends Counts {
  readonly blockers: readonly Blocker[];
  /** The budget of sends and its use; `null` if no worker reports it. */
  readonly sendBudget: SendBudgetUse | null;
  /** The status changes that were not delivered. */
  readonly webhooks: UndeliveredCounts;
}

const CACHE_MS = 1_000;

/** Returns a function that reads a summary, cached for one second. It throws `Unavailable` and needs no worker. */
export function createSummaryReader({
  sendBudget = defaultSendBudget,
  ...of
}: {
  readonly client: Client;
  readonly taskQueue?: string;
  readonly sendBudget?: SendBudget;
  readonly providerHealth?: () => Promise<ProviderHealth | null>;
}): () => Promise<Summary> {
  const search = new JourneySearch(of.client);
  const blockers = new Blockers(of);
  return cachedFor(CACHE_MS, () =>
    translatingErrors(async () => {
      const counts = await search.counts();
      const { present, health, webhooks } = await blockers.of(counts);
      return {
        ...counts,
        blockers: present,
        sendBudget: health === null ? null : sendBudgetUse(sendBudget, health),
        webhooks,
      };
    }),
  );
}
