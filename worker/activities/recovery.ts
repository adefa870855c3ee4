import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { sendUpdate, CLOSED } from '../../client/journeys/idempotent-update.ts';
import { Unavailable } from '../../client/errors.ts';
import { describeSchedule, isPaused, planFromDescription } from '../../client/recovery/schedule.ts';
import { StalledJourneys } from '../../client/search/stalled-journeys.ts';
import { recoveryActor } from '../../workflows/recovery/contract.ts';
import type {
  AttemptResult,
  RecoveryActivities,
  RecoveryInput,
  TryRequest,
} from '../../workflows/recovery/contract.ts';
import { withHeartbeat } from '../health/heartbeat.ts';
import { concernsOneJourney } from './one-journey.ts';
import { callAtRate } from './rate-limit.ts';

/** Longer than the timeout of a provider request plus the time that a send waits in its queue. */
const UPDATE_TIMEOUT_MS = 30_000;

/** Creates the activities of recovery: one finds stalled journeys, the other makes them retry. */
export function createRecoveryActivities(client: Client, closing: AbortSignal): RecoveryActivities {
  return {
    confirmRun: ({ input, isTriggered }) => isScheduledRun(client, input, isTriggered),
    listOldestStalled: ({ taskQueue, unknownUsers, ...request }) =>
      new StalledJourneys(client, taskQueue, undefined, unknownUsers).oldest(request),
    tryUsers: (request) =>
      withHeartbeat(closing, () =>
        callAtRate(request.users, {
          perSecond: request.perSecond,
          call: (userId) => tryJourney(client, userId, request),
          shouldContinue: (answered) => !closing.aborted && answered.every(didReachProvider),
        }),
      ),
  };
}

/** The Schedule lists a run some milliseconds after it has started it. */
const LISTED_WITHIN_MS = 5_000;
const LISTED_POLL_MS = 100;

async function isScheduledRun(client: Client, input: RecoveryInput, isTriggered: boolean): Promise<boolean> {
  const { workflowExecution: run } = Context.current().info;
  for (const deadline = Date.now() + LISTED_WITHIN_MS; ; await sleep(LISTED_POLL_MS)) {
    const described = await describeSchedule(client);
    if (described === undefined) return false;
    const isCurrent = isDeepStrictEqual(planFromDescription(described).order, input);
    const { paused, triggered } = input.acts;
    const isAfterPause = paused === null || (triggered !== null && paused.at < triggered.at);
    if (!isCurrent || (isPaused(described, input) && !(isTriggered && isAfterPause))) return false;
    const started = described.info.recentActions.map(({ action }) => action.workflow.firstExecutionRunId);
    if (started.includes(run?.runId ?? '')) return true;
    if (Date.now() > deadline) return false;
  }
}

const didReachProvider = ({ verdict }: AttemptResult) => ['answered', 'offered', 'skipped'].includes(verdict);

async function tryJourney(client: Client, userId: string, { run, reason }: TryRequest): Promise<AttemptResult> {
  const caller = { ...recoveryActor, once: `recovery:${run}` };
  try {
    const reply = await sendUpdate(client, userId, 'recover', { reason }, caller, UPDATE_TIMEOUT_MS);
    if (reply === CLOSED) return { userId, verdict: 'skipped' };
    const { verdict } = reply;
    return { userId, verdict: verdict.reason ?? (verdict.offered ? 'offered' : 'answered') };
  } catch (error) {
    // The journey does not reply in time, which does not show that the provider is back.
    if (error instanceof Unavailable && error.afterDeadline) return { userId, verdict: 'providerUnavailable' };
    if (concernsOneJourney(error, userId)) return { userId, verdict: 'skipped' };
    throw error;
  }
}
