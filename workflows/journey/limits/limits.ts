import type { Channel } from '../../../activities/contract.ts';
import { channels, firstUnverified } from '../channels.ts';
import type { GuessCounters, JourneyContext, SendEntry } from '../context.ts';
import { recoverableReasons, reasonsToRevisit } from '../stall-reasons.ts';
import { DAY, MINUTE, SECOND } from '../policy/policy.ts';
import { quietHoursEnd } from './quiet-hours.ts';

const lastChannel = channels.at(-1) ?? 'email';
const MIN_RETRY_INTERVAL_MS = SECOND;

/** The channel to verify next; the last one once all are verified. */
export function currentChannel({ accountType, evidence }: JourneyContext): Channel {
  return firstUnverified(accountType, evidence) ?? lastChannel;
}

/** The sends that count towards the limits: those that succeeded and those with an unknown outcome. */
export function countedSends(context: JourneyContext, channel: Channel): SendEntry[] {
  return context.ledger.filter(
    (entry) => entry.channel === channel && (entry.outcome === 'sent' || entry.outcome === 'unknown'),
  );
}

/** Whether the provider mailed the first code itself. */
export function isFirstEmailSentByProvider(context: JourneyContext, channel: Channel): boolean {
  return channel === 'email' && context.policy.firstEmail === 'alreadySent';
}

/** Whether the user may have a code for this channel: Onward sent one, or the provider mailed one on registration. */
export function hasCodeBeenSent(context: JourneyContext, channel: Channel): boolean {
  return isFirstEmailSentByProvider(context, channel) || countedSends(context, channel).length > 0;
}

/** When the cool-down after the last send ends, in milliseconds since 1970; 0 without a send. */
export function cooldownEndsAt(context: JourneyContext, channel: Channel): number {
  const sends = countedSends(context, channel);
  const mailed = isFirstEmailSentByProvider(context, channel);
  if (sends.length === 0 && !mailed) return 0;
  // Sends that were carried over from a superseded journey are older than the provider's own mail.
  const lastAt = Math.max(sends.at(-1)?.at ?? 0, mailed ? context.startedAt : 0);
  const { cooldowns } = context.policy;
  const nth = Math.min(sends.length + (mailed ? 1 : 0), cooldowns.length) - 1;
  return lastAt + (cooldowns[nth] ?? 0);
}

/** When the policy's send limits allow another send, in milliseconds since 1970. */
export function sendLimitEndsAt(context: JourneyContext, channel: Channel): number {
  const sends = countedSends(context, channel);
  const { per10Minutes, perDay } = context.policy.sends;
  const allowedAt = (limit: number, span: number) => {
    const blocking = sends.at(-limit);
    return blocking === undefined ? 0 : blocking.at + span;
  };
  return Math.max(allowedAt(per10Minutes, 10 * MINUTE), allowedAt(perDay, DAY));
}

/** When another send on this channel is allowed by both cool-down and limits, in milliseconds since 1970. */
export function sendOpensAt(context: JourneyContext, channel: Channel): number {
  return Math.max(cooldownEndsAt(context, channel), sendLimitEndsAt(context, channel));
}

/** Whether a code was sent, or may have been, after this time. `false` if the time is `undefined`. */
export function wasSentAfter(context: JourneyContext, channel: Channel, at: number | undefined): boolean {
  return at !== undefined && countedSends(context, channel).some((send) => send.at > at);
}

/** Whether the journey is stalled for a reason that ends once the provider recovers or the key is valid. */
export function isRecoverable({ stall }: JourneyContext): boolean {
  return stall !== null && recoverableReasons.includes(stall.reason);
}

/** Whether recovery attempts a stalled journey: its stall is recoverable, or the provider may know the user by now. */
export function isForRecovery(context: JourneyContext): boolean {
  return isRecoverable(context) || isUnknownUser(context);
}

/** Whether the journey is stalled because the provider does not know the user. */
export function isUnknownUser({ stall }: JourneyContext): boolean {
  return stall !== null && reasonsToRevisit.includes(stall.reason);
}

/** Whether the user has left: they have not acted for so long that they no longer wait for a code. */
export function hasLeft({ lastActiveAt, policy }: JourneyContext, at: number): boolean {
  return at - lastActiveAt > policy.automaticSends.notAfter;
}

/** The end of the quiet hours that include this time; the time itself if none do. */
export function endOfQuietHours({ policy }: JourneyContext, at: number): number {
  const { quietHours } = policy.automaticSends;
  return quietHours === null ? at : quietHoursEnd(quietHours, at);
}

/** Whether an automatic code can be sent now. */
export function maySendAutomatically(context: JourneyContext, at: number): boolean {
  return !hasLeft(context, at) && endOfQuietHours(context, at) === at;
}

/** When the automatic send after an unknown outcome is due, in milliseconds since 1970; `undefined` if none is. */
export function automaticResendAt(context: JourneyContext, channel: Channel): number | undefined {
  const last = countedSends(context, channel).at(-1);
  if (last?.outcome !== 'unknown') return undefined;
  if (last.retryUntil !== undefined) return retryOpensAt(context, channel, last);
  return isLastAttempt(last.why) ? undefined : last.at + context.policy.codeLife;
}

/**
 * When an offered send that quiet hours have delayed is sent, if its user still waits for it then: at the end of the quiet hours
 * that include `context.now`. `undefined` for a send that was offered because its user had left.
 */
export function offeredSendAt(context: JourneyContext): number | undefined {
  const { offeredSince, now } = context;
  if (offeredSince === null || endOfQuietHours(context, offeredSince) === offeredSince) return undefined;
  const at = endOfQuietHours(context, now);
  return hasLeft(context, at) ? undefined : at;
}

/** When a send to a provider that was out of service can be retried. The minimum applies to policies without cool-downs. */
function retryOpensAt(context: JourneyContext, channel: Channel, last: SendEntry): number {
  return Math.max(cooldownEndsAt(context, channel), last.at + MIN_RETRY_INTERVAL_MS);
}

/** Whether a send that met a 503 is retried automatically within the time that the policy allows. */
export function retriesBySelf(context: JourneyContext, channel: Channel): boolean {
  const last = countedSends(context, channel).at(-1);
  return last?.retryUntil !== undefined && retryOpensAt(context, channel, last) <= last.retryUntil;
}

/** Whether no automatic send follows this one if its outcome is unknown. */
export function isLastAttempt(why: SendEntry['why'] | undefined): boolean {
  return why === 'automatic';
}

/**
 * Returns the guesses left: the smaller of what the code and the channel allow.
 *
 * @param at milliseconds since 1970; defaults to the time of the last guess
 */
export function guessesLeft(context: JourneyContext, channel: Channel, at = 0): number {
  const { onCode, onChannel, unknown } = context.guesses[channel];
  const { perCode, perChannel } = context.policy.guesses;
  return Math.max(0, Math.min(perCode - onCode - unknown.onCode, perChannel - onChannel - heldGuesses(unknown, at)));
}

/** Guesses with an unknown outcome that count towards the limit of the channel: none once the last one is a day old. */
export function heldGuesses({ onChannel, lastAt }: GuessCounters['unknown'], at: number): number {
  return at < lastAt + DAY ? onChannel : 0;
}

/** When guesses with an unknown outcome no longer block the channel, in milliseconds since 1970; 0 if they do not. */
export function guessesOpenAt(context: JourneyContext, channel: Channel): number {
  const { onChannel, unknown } = context.guesses[channel];
  const isHeld = onChannel + unknown.onChannel >= context.policy.guesses.perChannel;
  return isHeld ? unknown.lastAt + DAY : 0;
}
