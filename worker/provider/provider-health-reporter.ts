import { createHash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { ProviderAttempt } from '../../activities/contract.ts';
import {
  ATTEMPTS_SIGNAL,
  DURATION_BOUNDS_MS,
  PROVIDER_HEALTH_TYPE,
  providerHealthId,
} from '../../workflows/provider-health/contract.ts';
import type { AttemptCounts } from '../../workflows/provider-health/contract.ts';
import { createRequest } from '../../workflows/engine/client.ts';
import type { JourneyEventName } from '../../workflows/journey/status/journey-events.ts';
import { mayHaveSent, noCodes } from '../../workflows/provider-health/code-counts.ts';
import { addCounts, noAttempts } from '../../workflows/provider-health/counters.ts';
import { troubleOf, USER_DIGESTS } from '../../workflows/provider-health/troubles.ts';

const REPORT_INTERVAL_MS = 5_000;

export interface HealthReporter {
  readonly count: (attempt: ProviderAttempt, userId?: string) => void;
  readonly countEvent: (name: JourneyEventName) => void;
  /** Reports the remaining counts once. Never rejects. */
  end(): Promise<void>;
}

/**
 * Counts this worker's requests to the provider and reports them at an interval. Counts whose report failed are part of the
 * next report; if the failed report had arrived after all, they count twice.
 *
 * @param interval in milliseconds
 */
export function createHealthReporter(
  report: (counts: AttemptCounts) => Promise<void>,
  interval = REPORT_INTERVAL_MS,
): HealthReporter {
  let unreported: AttemptCounts | undefined;
  let reporting = Promise.resolve();
  const add = (counts: AttemptCounts) =>
    void (unreported = unreported === undefined ? counts : addCounts(unreported, counts));
  const reportCounts = async () => {
    const counts = unreported;
    if (counts === undefined) return;
    unreported = undefined;
    await report(counts).catch(() => add(counts));
  };
  // Reports are sequential: counts of a failed report are part of the next one.
  const reportNext = () => (reporting = reporting.then(reportCounts));
  const timer = setInterval(() => void reportNext(), interval).unref();
  return {
    countEvent: (name) => add({ ...noAttempts, events: { [name]: 1 } }),
    count: ({ call, channel, reply, duration }, userId) =>
      add({
        sends: call === 'send' ? 1 : 0,
        replies: { [reply]: 1 },
        ...(duration !== undefined && { durations: durationsOf(duration) }),
        ...(userId !== undefined && { users: usersOf(reply, digestOf(userId)) }),
        ...(call === 'send' && channel !== 'none' && mayHaveSent[reply] && { codes: { ...noCodes, [channel]: 1 } }),
      }),
    end: () => {
      clearInterval(timer);
      return reportNext();
    },
  };
}

const DURATIONS = [...DURATION_BOUNDS_MS, Infinity];

/** One request, counted in its class. */
function durationsOf(duration: number): readonly number[] {
  const index = DURATIONS.findIndex((bound) => duration <= bound);
  return DURATIONS.map((_, nth) => (nth === index ? 1 : 0));
}

/** One of about a thousand values: enough to distinguish one user from several, too few to identify a user. */
function digestOf(userId: string): number {
  return createHash('sha256').update(userId).digest().readUInt32BE() % USER_DIGESTS;
}

function usersOf(reply: ProviderAttempt['reply'], digest: number): NonNullable<AttemptCounts['users']> {
  const trouble = troubleOf[reply];
  return { all: [digest], ...(trouble !== null && { [trouble]: [digest] }) };
}

/** Sends counts to the provider health workflow of a task queue, and starts the workflow if none is open. */
export async function reportProviderHealth(client: Client, taskQueue: string, counts: AttemptCounts): Promise<void> {
  await client.workflow.signalWithStart(PROVIDER_HEALTH_TYPE, {
    workflowId: providerHealthId(taskQueue),
    taskQueue,
    args: [createRequest('start', PROVIDER_HEALTH_TYPE, null)],
    signal: ATTEMPTS_SIGNAL,
    signalArgs: [createRequest('signal', ATTEMPTS_SIGNAL, counts)],
  });
}
