import type { Channel } from '../activities/contract.ts';
import type { Context, SendEntry } from './context.ts';
import { reasonsThatHeal } from './context.ts';
import { DAY, MINUTE } from './policy.ts';

/** The channel that is to be verified next: e-mail first, then sms. */
export function currentChannel(context: Context): Channel {
  return context.evidence.email === null ? 'email' : 'sms';
}

/** The sends that count: those that went out, and those of which nobody knows. */
export function countedSends(context: Context, channel: Channel): SendEntry[] {
  return context.ledger.filter(
    (entry) => entry.channel === channel && (entry.outcome === 'sent' || entry.outcome === 'unknown'),
  );
}

/** Whether the provider mailed the first code itself. */
export function mailedByProvider(context: Context, channel: Channel): boolean {
  return channel === 'email' && context.policy.firstEmail === 'alreadySent';
}

/** Whether the user may hold a code for this channel: we sent one, or the provider mailed one on registration. */
export function codeIsOut(context: Context, channel: Channel): boolean {
  return mailedByProvider(context, channel) || countedSends(context, channel).length > 0;
}

/** When the cool-down after the last send is over. */
export function cooldownEndsAt(context: Context, channel: Channel): number {
  const sends = countedSends(context, channel);
  const mailed = mailedByProvider(context, channel);
  const lastAt = sends.at(-1)?.at ?? (mailed ? context.startedAt : undefined);
  if (lastAt === undefined) return 0;
  const { cooldowns } = context.policy;
  const nth = Math.min(sends.length + (mailed ? 1 : 0), cooldowns.length) - 1;
  return lastAt + (cooldowns[nth] ?? 0);
}

/** When the policy's limits leave room for one more send. */
export function sendLimitEndsAt(context: Context, channel: Channel): number {
  const sends = countedSends(context, channel);
  const { per10Minutes, perDay } = context.policy.sends;
  const roomAt = (limit: number, span: number) => {
    const blocking = sends.at(-limit);
    return blocking === undefined ? 0 : blocking.at + span;
  };
  return Math.max(roomAt(per10Minutes, 10 * MINUTE), roomAt(perDay, DAY));
}

/** When a send on this channel is allowed again, by cool-down and limits. */
export function sendOpensAt(context: Context, channel: Channel): number {
  return Math.max(cooldownEndsAt(context, channel), sendLimitEndsAt(context, channel));
}

/** Whether a code went out, or may have, after this time; never where there is none to go by. */
export function sentAfter(context: Context, channel: Channel, at: number | undefined): boolean {
  return at !== undefined && countedSends(context, channel).some((send) => send.at > at);
}

/** Whether the provider's coming back, or a key that works, is all that a stalled journey needs. */
export function healsWithTime({ stall }: Context): boolean {
  return stall !== null && reasonsThatHeal.includes(stall.reason);
}

/** When the one resend after an unknown outcome is due; `undefined` where the last send was not unknown. */
export function automaticResendAt(context: Context, channel: Channel): number | undefined {
  const last = countedSends(context, channel).at(-1);
  if (last?.outcome !== 'unknown' || isLastTry(last.why)) return undefined;
  return last.at + context.policy.codeLife;
}

/** Whether a send that turns out unknown is not followed by another of its own accord. */
export function isLastTry(why: SendEntry['why'] | undefined): boolean {
  return why === 'automatic';
}

/** Wrong tries that code and channel leave, the smaller of the two. */
export function guessesLeft(context: Context, channel: Channel): number {
  const { onCode, onChannel } = context.guesses[channel];
  const { perCode, perChannel } = context.policy.guesses;
  return Math.max(0, Math.min(perCode - onCode, perChannel - onChannel));
}
