import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { journeyId } from '../../workflows/contract.ts';
import type { SingleStart } from '../harness/single-starts.ts';
import { spreadOf } from '../harness/numbers.ts';

/** The parts of a sign-up, in milliseconds, by the timestamps of the history. */
export const hops = ['gateway', 'worker', 'task', 'queue', 'activity'] as const;
export type Hops = { readonly [H in (typeof hops)[number]]: number };

type Event = temporal.api.history.v1.IHistoryEvent;

/** Returns the median of each part over these sign-ups, from their histories. */
export async function measureHops(client: Client, starts: readonly SingleStart[]): Promise<Hops> {
  const all: Hops[] = [];
  for (const { userId, startedAt, arrivedAt } of starts) {
    const { events } = await client.workflow.getHandle(journeyId(userId)).fetchHistory();
    const at = (is: (event: Event) => unknown) => timeOf((events ?? []).find((event) => is(event) != null));
    const started = at((event) => event.workflowExecutionStartedEventAttributes);
    const taskStarted = at((event) => event.workflowTaskStartedEventAttributes);
    const scheduled = at((event) => event.activityTaskScheduledEventAttributes);
    const activityStarted = at((event) => event.activityTaskStartedEventAttributes);
    all.push({
      gateway: started - startedAt,
      worker: taskStarted - started,
      task: scheduled - taskStarted,
      queue: activityStarted - scheduled,
      activity: arrivedAt - activityStarted,
    });
  }
  const median = (hop: keyof Hops) => spreadOf(all.map((one) => one[hop])).median;
  return Object.fromEntries(hops.map((hop) => [hop, median(hop)])) as Record<keyof Hops, number>;
}

const timeOf = (event?: Event) =>
  Number(event?.eventTime?.seconds ?? NaN) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1e6;
