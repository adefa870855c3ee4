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
import type { Begin, Ending, JourneyActivities } from './contract.ts';
import { Desk } from './desk.ts';
import { endingOf } from './ending.ts';
import { keep, unpack } from './keep.ts';
import { LiveJourney } from './live.ts';
import { begin } from './step.ts';

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
    const live = new LiveJourney(
      'kept' in from
        ? { journey: unpack(from.kept), effects: [] }
        : begin({ ...from.signup, at: Date.now() }),
    );
    const desk = new Desk(live, 'kept' in from ? from.kept.handled : {});
    desk.open();
    cancelRequested.catch(() => desk.cancel());

    const idle = () => live.settled && allHandlersFinished();
    await live.run(() => idle() && (live.ended || workflowInfo().continueAsNewSuggested));
    if (!live.ended) return continueAsNew<typeof onboarding>({ kept: keep(live.journey, desk.handled) });
    return end(endingOf(live.journey), cancelRequested);
  });
}

async function end(ending: Ending, cancelRequested: Promise<never>): Promise<Ending> {
  switch (ending.status.state) {
    case 'expired':
      throw ApplicationFailure.create({
        type: EXPIRED,
        message: 'the user did not come back in time',
        nonRetryable: true,
        details: [ending],
      });
    case 'cancelled': {
      upsertMemo({ [ENDING_MEMO]: ending });
      const { requestCancellation } = proxyActivities<JourneyActivities>({ startToCloseTimeout: '10 s' });
      await Promise.race([cancelRequested, requestCancellation()]).catch(() => {});
      return cancelRequested;
    }
    default:
      return ending;
  }
}
