import type { Client } from '@temporalio/client';
import { journeyId } from '../../workflows/contract.ts';
import { queryWorkflow } from '../temporal/messages.ts';
import { JourneySearch } from '../search/journey-search.ts';
import { parseStatus } from '../journeys/closed-journey.ts';

/** A text with which the provider refuses users, and how many of the inspected journeys are stalled with it. */
export interface Refusal {
  readonly text: string;
  readonly journeys: number;
}

/** How many stalled journeys are asked for the provider's text: enough to see a new wording, few enough for every visit. */
const MAX_INSPECTED = 50;
const QUERY_TIMEOUT_MS = 2_000;

/**
 * Groups the newest journeys that are stalled as `providerRefused` by the provider's text, so that a wording that Onward does not
 * know, such as a new way to say "already verified", is seen at once.
 *
 * @returns the texts, most frequent first; journeys that no worker answers for are left out
 */
export async function groupRefusals(client: Client): Promise<readonly Refusal[]> {
  const { items } = await new JourneySearch(client).list({ reason: 'providerRefused' }, MAX_INSPECTED);
  const texts = await Promise.all(items.map(({ userId }) => refusalOf(client, userId)));
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, journeys]) => ({ text, journeys })).toSorted((a, b) => b.journeys - a.journeys);
}

async function refusalOf(client: Client, userId: string): Promise<string | null> {
  try {
    const query = () => queryWorkflow(client.workflow.getHandle(journeyId(userId)), 'status');
    const status = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, query);
    const { stalled } = parseStatus(status);
    return stalled?.reason === 'providerRefused' ? stalled.detail : null;
  } catch {
    return null;
  }
}
