import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  proxyActivities,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { ENDING_MEMO, EXPIRED } from './contract.ts';
import type { Begin, Ending, Handled, JourneyActivities } from './contract.ts';
import { Desk } from './desk.ts';
import { endingOf } from './ending.ts';
import { keep, unpack } from './keep.ts';
import { LiveJourney } from './live.ts';
import { migrate } from './migrate.ts';
import { begin } from './step.ts';
import type { Step } from './step.ts';

/**
 * Brings one user to verified.
 *
 * Completes when verified, fails as `JourneyExpired` when the user did not come back, and ends as cancelled when an
 * operator says so; so the server itself can tell which may begin anew. Each leaves the same ending behind.
 */
export async function onboarding(from: Begin): Promise<Ending> {
  const cancelRequested = CancellationScope.current().cancelRequested;
  // A cancellation from outside is told to the machine; it must not cut off what is in flight.
  return CancellationScope.nonCancellable(async () => {
    const { step, handled, tells } = setOut(from);
    const live = new LiveJourney(step, tells);
    if ('signup' in from) live.tellStatus();
    const desk = new Desk(live, handled);
    desk.open();
    cancelRequested.catch(() => desk.cancel());

    const idle = () => live.settled && live.told && allHandlersFinished();
    await live.run(() => idle() && (live.ended || workflowInfo().continueAsNewSuggested));
    if (!live.ended) return continueAsNew<typeof onboarding>({ kept: keep(live.journey, desk.handled, live.tells) });
    return end(endingOf(live.journey), cancelRequested);
  });
}

function setOut(from: Begin): { readonly step: Step; readonly handled: Handled; readonly tells: boolean } {
  if ('signup' in from) {
    const { tells = false, ...signup } = from.signup;
    return { step: begin({ ...signup, at: Date.now() }), handled: {}, tells };
  }
  const kept = migrate(from.kept);
  return { step: { journey: unpack(kept), effects: [] }, handled: kept.handled, tells: kept.tells };
}

async function end(ending: Ending, cancelRequested: Promise<never>): Promise<Ending> {
  const { state } = ending.status;
  if (state === 'expired') {
    const message = 'the user did not come back in time';
    throw ApplicationFailure.create({ type: EXPIRED, message, nonRetryable: true, details: [ending] });
  }
  if (state === 'cancelled') {
    upsertMemo({ [ENDING_MEMO]: ending });
    const { requestCancellation } = proxyActivities<JourneyActivities>({ startToCloseTimeout: '10 s' });
    // Temporal may have been asked already, from its own UI: then the rejection is there.
    await Promise.race([cancelRequested, requestCancellation()]).catch(() => {});
    return cancelRequested;
  }
  return ending;
}
