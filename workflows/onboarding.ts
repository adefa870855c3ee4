import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  proxyActivities,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { ENDING_MEMO, EXPIRED } from './contract.ts';
import type { Ending, JourneyActivities, Signup } from './contract.ts';
import { Desk } from './desk.ts';
import { endingOf } from './ending.ts';
import { keep, unpack } from './keep.ts';
import type { Kept } from './keep.ts';
import { LiveJourney } from './live.ts';
import { begin } from './step.ts';

/** A journey begins with a sign-up, or goes on from the run before. */
export type Begin = { readonly signup: Signup } | { readonly kept: Kept };

/**
 * Brings one user to verified.
 *
 * Completes when verified, fails as `JourneyExpired` when the user did not come back, ends as cancelled when an operator
 * says so; each leaves the same ending behind.
 */
export async function onboarding(from: Begin): Promise<Ending> {
  const requested = CancellationScope.current().cancelRequested;
  return CancellationScope.nonCancellable(() => journey(from, requested)).catch((error: unknown) => {
    throw error;
  });
}

async function journey(from: Begin, cancelRequested: Promise<never>): Promise<Ending> {
  const live = 'kept' in from ? new LiveJourney({ journey: unpack(from.kept), effects: [] }) : new LiveJourney(begin({ ...from.signup, at: Date.now() }));
  const desk = new Desk(live, 'kept' in from ? from.kept.handled : {});
  desk.open();
  let cancelled = false;
  cancelRequested.catch(() => {
    cancelled = true;
    live.tell({ type: 'cancel', by: { role: 'temporal', name: 'cancellation' }, reason: null, at: Date.now() });
  });

  const idle = () => live.settled && allHandlersFinished();
  await live.run(() => idle() && (live.ended || workflowInfo().continueAsNewSuggested));
  if (!live.ended) return continueAsNew<typeof onboarding>({ kept: keep(live.journey, desk.handled) });

  const ending = endingOf(live.journey);
  switch (ending.status.state) {
    case 'expired':
      throw ApplicationFailure.create({ type: EXPIRED, message: 'the user did not come back in time', nonRetryable: true, details: [ending] });
    case 'cancelled':
      upsertMemo({ [ENDING_MEMO]: ending });
      if (!cancelled) {
        const { requestCancellation } = proxyActivities<JourneyActivities>({ startToCloseTimeout: '10 s' });
        await requestCancellation();
        await condition(() => cancelled);
      }
      throw new CancelledFailure('cancelled by an operator');
    default:
      return ending;
  }
}
