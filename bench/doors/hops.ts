import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import type { LoneStart } from '../stand/lone.ts';
import { spread } from '../stand/numbers.ts';

/** Where the time of a lone sign-up goes, in milliseconds, by the server's own times. */
export const hops = ['gateway', 'worker', 'task', 'queue', 'activity'] as const;
export type Hops = { readonly [H in (typeof hops)[number]]: number };

type Event = temporal.api.history.v1.IHistoryEvent;

/** The median of each hop of these sign-ups, from their histories. */
export async function hopsOf(client: Client, starts: readonly LoneStart[]): Promise<Hops> {
  const all: Hops[] = [];
  for (const { userId, began, arrived } of starts) {
    const { events } = await client.workflow.getHandle(journeyId(userId)).fetchHistory();
    const at = (is: (event: Event) => unknown) => timeOf((events ?? []).find((event) => is(event) != null));
    const started = at((event) => event.workflowExecutionStartedEventAttributes);
    const taken = at((event) => event.workflowTaskStartedEventAttributes);
    const scheduled = at((event) => event.activityTaskScheduledEventAttributes);
    const begun = at((event) => event.activityTaskStartedEventAttributes);
    all.push({
      gateway: started - began,
      worker: taken - started,
      task: scheduled - taken,
      queue: begun - scheduled,
      activity: arrived - begun,
    });
  }
  const median = (hop: keyof Hops) => spread(all.map((one) => one[hop])).median;
  return Object.fromEntries(hops.map((hop) => [hop, median(hop)])) as Record<keyof Hops, number>;
}

const timeOf = (event?: Event) =>
  Number(event?.eventTime?.seconds ?? NaN) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
