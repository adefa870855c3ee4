import type { Client } from '@temporalio/client';
import { countUndelivered, describeUndelivered } from '../webhooks/undelivered.ts';
import type { UndeliveredCounts } from '../webhooks/undelivered.ts';
import { failed, passed } from './check.ts';
import type { Check } from './check.ts';
import { runCheck } from './server-checks.ts';

/** Checks whether the receiver accepts status changes. */
export function checkWebhooks(client: Client): Promise<Check> {
  return runCheck(client, 'webhooks', async () => {
    return evaluateUndelivered(await countUndelivered(client));
  });
}

/** Evaluates the counts of undelivered status changes. */
export function evaluateUndelivered(counts: UndeliveredCounts): Check {
  const undelivered = describeUndelivered(counts);
  if (undelivered === null) return passed('webhooks', 'no status change is undelivered for more than a minute');
  return failed('webhooks', undelivered.description, undelivered.action);
}
