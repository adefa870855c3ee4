import type { Client } from '@temporalio/client';
import type { Tried } from '../activities/contract.ts';
import { PULSE_TYPE, pulseId, triedSignal } from '../workflows/pulse/contract.ts';
import type { Tries } from '../workflows/pulse/contract.ts';
import { sum } from '../workflows/pulse/minutes.ts';
import type { pulse } from '../workflows/pulse/pulse.ts';

const OFTEN = 5_000;
/** A run ends by itself after an hour; one that no worker carries on makes room for another. */
const LONGEST_RUN = '2 hours';

export interface Tally {
  readonly count: (tried: Tried) => void;
  /** Tells what is left, once; never rejects. */
  end(): Promise<void>;
}

/**
 * Counts what this worker tries at the provider, and tells it now and then. What could not be told is told with the next; where it
 * has arrived all the same, it counts twice.
 *
 * @param often in milliseconds
 */
export function tally(tell: (tries: Tries) => Promise<void>, often = OFTEN): Tally {
  let untold: Tries | undefined;
  let telling = Promise.resolve();
  const add = (tries: Tries) => void (untold = untold === undefined ? tries : sum(untold, tries));
  const tellUntold = async () => {
    const tries = untold;
    if (tries === undefined) return;
    untold = undefined;
    await tell(tries).catch(() => add(tries));
  };
  // One after the other: what one could not tell, the next one has.
  const tellNext = () => (telling = telling.then(tellUntold));
  const timer = setInterval(() => void tellNext(), often).unref();
  return {
    count: ({ call, reply }) => add({ sends: call === 'send' ? 1 : 0, replies: { [reply]: 1 } }),
    end: () => {
      clearInterval(timer);
      return tellNext();
    },
  };
}

/** Tells the pulse of a task queue what was tried; begins it where none is open. */
export async function tellPulse(client: Client, taskQueue: string, tries: Tries): Promise<void> {
  await client.workflow.signalWithStart<typeof pulse, [Tries]>(PULSE_TYPE, {
    workflowId: pulseId(taskQueue),
    taskQueue,
    workflowRunTimeout: LONGEST_RUN,
    signal: triedSignal,
    signalArgs: [tries],
  });
}
