import type { Channel } from '../../../activities/contract.ts';
import { firstUnverified } from '../channels.ts';
import type { ResumeTo } from '../context.ts';
import * as limits from '../limits/limits.ts';
import { currentChannel } from '../limits/limits.ts';
import { isSendReply } from '../replies.ts';
import { recordSend } from '../limits/send-ledger.ts';
import { timeOf } from './time.ts';
import type { Scope } from './time.ts';

const channelOf = ({ context }: Scope) => currentChannel(context);

/** The conditions of the machine. It composes them with `and`, `or` and `not`. */
export const guards = {
  isAllVerified: ({ context }: Scope) => firstUnverified(context.accountType, context.evidence) === undefined,
  isDue: ({ context }: Scope, { channel }: { channel: Channel }) =>
    firstUnverified(context.accountType, context.evidence) === channel,
  startsSmsAutomatically: ({ context }: Scope) => context.policy.smsStart === 'automatic',
  isFirstEmailSentByProvider: (scope: Scope) => limits.isFirstEmailSentByProvider(scope.context, channelOf(scope)),

  isForCurrentChannel: (scope: Scope) => 'channel' in scope.event && scope.event.channel === channelOf(scope),
  hasCodeBeenSent: (scope: Scope) => limits.hasCodeBeenSent(scope.context, channelOf(scope)),
  hasGuessesLeft: (scope: Scope) => limits.guessesLeft(scope.context, channelOf(scope), timeOf(scope)) > 0,
  /** Only guesses that the provider has checked lock a channel. */
  isLocked: ({ context }: Scope) =>
    context.guesses[currentChannel(context)].onChannel >= context.policy.guesses.perChannel,

  isCoolingDown: (scope: Scope) => limits.cooldownEndsAt(scope.context, channelOf(scope)) > timeOf(scope),
  isOverSendLimit: (scope: Scope) => limits.sendLimitEndsAt(scope.context, channelOf(scope)) > timeOf(scope),
  /** A bulk operation names the time of the state that it has seen: a code sent after it is not sent again. */
  wasSentSince: (scope: Scope) =>
    'asOf' in scope.event && limits.wasSentAfter(scope.context, channelOf(scope), scope.event.asOf),
  isReminderDue: (scope: Scope) => !scope.context.reminded[channelOf(scope)],
  isResendDue: (scope: Scope) =>
    scope.context.offeredSince === null && limits.automaticResendAt(scope.context, channelOf(scope)) !== undefined,
  isHeldByQuietHours: ({ context }: Scope) => limits.offeredSendAt(context) !== undefined,
  hasLeft: (scope: Scope) => limits.hasLeft(scope.context, timeOf(scope)),
  maySendAutomatically: (scope: Scope) => limits.maySendAutomatically(scope.context, timeOf(scope)),
  isOffered: ({ context }: Scope) => context.offeredSince !== null,
  wasLastAttempt: ({ context }: Scope) => limits.isLastAttempt(context.openSend?.why),
  /** A guard sees the context before `recordSend` has run, so the entry is added here. */
  willRetryAutomatically: ({ context, event }: Scope) =>
    isSendReply(event) && limits.retriesBySelf({ ...context, ...recordSend(context, event) }, currentChannel(context)),

  isSendDue: ({ context }: Scope) => context.stall !== null,
  isStalledBySendLimit: ({ context }: Scope) => context.stall?.reason === 'sendLimit',
  isStalledBySendBudget: ({ context }: Scope) => context.stall?.reason === 'sendBudget',
  isForRecovery: ({ context }: Scope) => limits.isForRecovery(context),
  isUnknownUser: ({ context }: Scope) => limits.isUnknownUser(context),

  isUnsupported: ({ context }: Scope) => context.stall?.reason === 'unsupported',

  /** Only an operator marked the e-mail as verified: the provider's record must not contradict it before a text is sent. */
  needsUserRecord: ({ context }: Scope) => context.evidence.email === 'operator' && !context.recordAgrees,
  recordSaysVerified: ({ context, event }: Scope) =>
    event.type === 'record.read' && event.record[currentChannel(context)] === 'verified',
  /** A record that does not mention the e-mail does not require it either. */
  recordWantsEmail: ({ event }: Scope) => event.type === 'record.read' && event.record.email === 'open',

  resumesTo: ({ context }: Scope, { step }: { step: ResumeTo }) => context.resumeTo === step,
  shouldCancelAfterStop: ({ context }: Scope) => context.afterStop === 'cancelled',
};
