import { and } from 'xstate';
import type { Channel } from '../../../activities/contract.ts';
import { channels } from '../channels.ts';
import type { JourneyContext, ResumeTo, SendReason } from '../context.ts';
import type { Command } from '../events.ts';

/** Actions and transitions that several states of the machine share. */

/** The channel is that of the state, not the first one without evidence, so that the proofs detect a state that is entered too early. */
const channelOf = ({ context }: { context: JourneyContext }) => ({ channel: context.channel });
export const sendCode = { type: 'send', params: channelOf } as const;
export const sendCodeOnce = {
  type: 'send',
  params: (scope: { context: JourneyContext }) => ({ ...channelOf(scope), once: true }) as const,
} as const;

export const openSend = <Why extends SendReason>(why: Why) => ({ type: 'openSend', params: { why } }) as const;
const resumeAt = <Step extends ResumeTo>(step: Step) => ({ type: 'setResumeTarget', params: { step } }) as const;

export const submitCode = {
  guard: 'canSubmitCode',
  target: 'checkingCode',
  actions: [
    'noteActivity',
    'countGuess',
    {
      type: 'confirm',
      params: ({ event }: { event: Extract<Command, { type: 'submitCode' }> }) => ({
        channel: event.channel,
        code: event.code,
      }),
    },
  ],
} as const;
const sendAsked = { target: 'sendDue', actions: ['noteActivity', openSend('resend')] } as const;
export const resend = { guard: 'canResend', ...sendAsked } as const;
/** The user is back: sends the code that was offered in the meantime. */
export const visit = { guard: 'isOffered', ...sendAsked } as const;
export const remind = { target: 'sendDue', actions: ['markReminderSent', openSend('reminder')] } as const;
/** An automatic send is offered instead to a user who has left, and in quiet hours. */
export const resendAutomatically = [
  { guard: 'maySendAutomatically', target: 'sendDue', actions: openSend('automatic') },
  { target: 'deciding', actions: 'offerSend' },
] as const;
/** The quiet hours that delayed an offered send have ended. */
export const sendOffered = [
  { guard: 'maySendAutomatically', target: 'sendDue', actions: ['noteTime', openSend('automatic')] },
  { target: 'deciding', actions: 'offerSend' },
] as const;
/** The limit that delayed a send has ended: an automatic send may have to be offered instead. */
export const sendOrOffer = [
  { guard: 'maySendAutomatically', target: 'sendDue' },
  { target: 'sendDue', actions: 'offerSend' },
] as const;
export const override = {
  guard: 'isForCurrentChannel',
  target: 'verified',
  actions: ['noteActivity', 'verifyByOperator'],
} as const;

/** Adopts another policy. A state with delays is re-entered, since the delays depend on the policy. */
export const adoptPolicy = { actions: 'adoptPolicy' } as const;
export const adoptPolicyIn = <Target extends string>(target: Target) =>
  ({ ...adoptPolicy, target, reenter: true }) as const;

/** Pauses; `resume` leads back to this step. */
export const pauseFrom = <Step extends ResumeTo>(step: Step) =>
  ({ target: 'paused', actions: resumeAt(step) }) as const;

/** Pauses or cancels once the send in flight has an outcome. */
export const stopTo = <Next extends JourneyContext['afterStop']>(next: Next) =>
  ({ target: 'stopping', actions: { type: 'setStopReason', params: { next } } }) as const;

/** A send that was to be stopped has its outcome; `resume` leads to this step. */
export const stoppedAt = <Step extends ResumeTo>(step: Step) =>
  ({ target: 'stopped', actions: ['recordSend', resumeAt(step)] }) as const;
export const stoppedInStall = {
  target: 'stopped',
  actions: ['recordSend', 'setStallByReply', resumeAt('stalled')],
} as const;

export const codeMayBeSent = { target: 'awaitingCode', actions: 'recordSend' } as const;
export const verifiedBySend = { target: 'verified', actions: 'recordSend' } as const;
export const stalledBySend = { target: 'stalled', actions: ['recordSend', 'setStallByReply'] } as const;
export const verifiedByRecord = { guard: 'recordSaysVerified', target: 'verified', actions: 'verifyByRecord' } as const;
/** The record agrees with the operator about the e-mail, so the text is sent. */
export const agreedTo = <Target extends string>(target: Target) =>
  ({ guard: 'recordNowAgrees', target, actions: 'markRecordAgreed' }) as const;
export const stalledByRecord = { target: 'stalled', actions: 'setStallByReply' } as const;

/** The transition once all channels that the account needs are verified. */
export const allVerified = { target: '#done' } as const;

/** The transitions to the channel that is due, among those after this one, if the guard holds. */
export const toDueChannel = <Actions extends 'noteActivity'>(
  after: Channel,
  guard: 'startsSmsAutomatically' | 'canResend',
  ...actions: Actions[]
) =>
  channelsAfter(after).map((channel) => ({
    guard: and([isDue(channel), guard]),
    target: `#${channel}Pending`,
    actions,
  }));

/** The transitions to the stall of the channel that is due, among those after this one. */
export const toDueChannelStalled = (after: Channel) =>
  channelsAfter(after).map((channel) => ({
    guard: isDue(channel),
    target: `#${channel}Pending.stalled`,
    actions: 'setStallByReply' as const,
  }));

/** What follows the verification of a channel. */
export const afterChannel = (verified: Channel) => [
  ...channelsAfter(verified).map((channel) => ({ guard: isDue(channel), target: `#${channel}Pending` })),
  allVerified,
];

const isDue = (channel: Channel) => ({ type: 'isDue', params: { channel } }) as const;
const channelsAfter = (channel: Channel) => channels.slice(channels.indexOf(channel) + 1);

/** A state that reads the provider's record. */
export const readsRecord = { tags: 'busy', entry: 'readUser' } as const;
