import { assign } from 'xstate';
import type { Channel } from '../../../activities/contract.ts';
import { adoptedPolicy } from '../policy/adoption.ts';
import type { JourneyContext, ResumeTo, SendReason } from '../context.ts';
import type { StallReason } from '../stall-reasons.ts';
import type { JourneyEvent } from '../events.ts';
import { currentChannel } from '../limits/limits.ts';
import { factsOf, isSendReply } from '../replies.ts';
import * as ledger from '../limits/send-ledger.ts';
import { timeOf } from './time.ts';
import type { Scope } from './time.ts';

/** Changes the context. */
function change<Params extends object | undefined = undefined>(
  changeOf: (scope: Scope, params: Params) => Partial<JourneyContext>,
) {
  return assign<JourneyContext, JourneyEvent, Params, JourneyEvent, never>(changeOf);
}

/** The pure actions of the machine: each changes its context. */
export const actions = {
  enterChannel: change<{ channel: Channel }>((_, { channel }) => ({ channel })),
  noteTime: change((scope) => ({ now: timeOf(scope) })),

  noteActivity: change((scope) => ({ lastActiveAt: timeOf(scope) })),
  offerSend: change((scope) => ({ now: timeOf(scope), offeredSince: timeOf(scope) })),
  openSend: change<{ why: SendReason }>(({ context }, { why }) => ledger.openSend(context, why)),
  ensureSendOpen: change(({ context }) => (context.openSend === null ? ledger.openSend(context, 'first') : {})),
  recordSend: change(({ context, event }) => (isSendReply(event) ? ledger.recordSend(context, event) : {})),
  markReminderSent: change(({ context }) => ({ reminded: { ...context.reminded, [currentChannel(context)]: true } })),

  countGuess: change((scope) => ledger.countGuess(scope.context, timeOf(scope))),
  countGuessAsUnknown: change((scope) => ledger.countGuessAsUnknown(scope.context, timeOf(scope))),
  refundGuess: change(({ context }) => ledger.refundGuess(context)),
  resetGuesses: change(({ context }) => ledger.resetGuesses(context)),

  verifyByCode: change(({ context }) => ledger.verify(context, 'code')),
  verifyByProvider: change(({ context }) => ledger.verify(context, 'provider')),
  verifyByOperator: change(({ context }) => ledger.verify(context, 'operator')),
  verifyByRecord: change(({ context, event }) =>
    event.type === 'record.read' ? ledger.verifyByRecord(context, event.record) : {},
  ),
  markRecordAgreed: change(() => ({ recordAgrees: true })),

  setStall: change<{ reason: StallReason }>((scope, { reason }) => ({
    stall: ledger.createStall(scope.context, reason, null, timeOf(scope)),
  })),
  /** Stalls for the reason that the reply has in the table of replies. */
  setStallByReply: change((scope) => {
    const { reason = 'providerUnavailable', detail } = factsOf(scope.event.type)?.stall ?? {};
    const stallDetail = detail ?? ('detail' in scope.event ? scope.event.detail : null);
    const stall = ledger.createStall(scope.context, reason, stallDetail, timeOf(scope));
    return { stall: { ...stall, ...('until' in scope.event && { until: scope.event.until }) } };
  }),
  suspendExpiry: change((scope) => ({
    now: timeOf(scope),
    expirySuspendedSince: scope.context.expirySuspendedSince ?? timeOf(scope),
  })),
  resumeExpiry: change((scope) => ({
    now: timeOf(scope),
    stall: null,
    expirySuspendedSince: null,
    expiresAt: scope.context.expiresAt + timeOf(scope) - (scope.context.expirySuspendedSince ?? timeOf(scope)),
  })),

  /** Sends and guesses so far still count. The journey expires as if it had started with the policy. */
  adoptPolicy: change(({ context, event }) => {
    if (event.type !== 'adoptPolicy') return {};
    const policy = adoptedPolicy(context.policy, event.policy);
    return { policy, expiresAt: context.expiresAt + policy.journeyLife - context.policy.journeyLife };
  }),

  setResumeTarget: change<{ step: ResumeTo }>((_, { step }) => ({ resumeTo: step })),
  setStopReason: change<{ next: JourneyContext['afterStop'] }>((_, { next }) => ({ afterStop: next })),
};
