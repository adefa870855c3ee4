import type { Channel, UserRecord } from '../../../activities/contract.ts';
import { forEachChannel, isNeeded } from '../channels.ts';
import { noGuesses } from '../context.ts';
import type { JourneyContext, Evidence, SendEntry, Stall, SendIntent, SendReason } from '../context.ts';
import type { StallReason } from '../stall-reasons.ts';
import { countedSends, currentChannel, heldGuesses } from './limits.ts';
import { factsOf } from '../replies.ts';
import type { ReplyFacts, ReplyOf } from '../replies.ts';

/** Opens a send intent, or changes the reason of the open one. An intent stays open until the provider answers it. */
export function openSend(
  context: JourneyContext,
  why: SendReason,
): { readonly openSend: SendIntent; readonly offeredSince: null } {
  const number = context.openSend?.number ?? (context.ledger.at(-1)?.number ?? 0) + 1;
  return { openSend: { number, why }, offeredSince: null };
}

/** Returns the context changes for a reply to a send: one ledger entry, as the table of replies has it, and its consequences. */
export function recordSend(context: JourneyContext, reply: ReplyOf<'send'>): Partial<JourneyContext> {
  const { outcome, reason, keepsIntentOpen, isRetried }: NonNullable<ReplyFacts['ledger']> = factsOf(reply.type).ledger;
  const mayBeOut = outcome === 'sent' || outcome === 'unknown';
  return {
    ...withEntry(context, reply.at, {
      outcome,
      reason: reason ?? ('detail' in reply ? reply.detail : null),
      to: 'to' in reply ? reply.to : null,
      ...(isRetried && { retryUntil: retryUntil(context, reply.at) }),
    }),
    ...(mayBeOut && resetCodeGuesses(context)),
    ...(outcome === 'alreadyVerified' && verify(context, 'provider')),
    ...(!keepsIntentOpen && { openSend: null }),
  };
}

/** An automatic retry shares the time limit of the first attempt. */
function retryUntil(context: JourneyContext, at: number): number {
  const before = countedSends(context, currentChannel(context)).at(-1)?.retryUntil;
  return context.openSend?.why === 'automatic' && before !== undefined ? before : at + context.policy.retrySendFor;
}

/** A stall with the same reason as before the attempt retains its start time. */
export function createStall({ stall }: JourneyContext, reason: StallReason, detail: string | null, at: number): Stall {
  return { reason, detail, since: stall?.reason === reason ? stall.since : at };
}

/** Records evidence for the current channel and closes an open send intent. */
export function verify(
  context: JourneyContext,
  evidence: Evidence,
): Pick<JourneyContext, 'evidence' | 'openSend' | 'offeredSince'> {
  return {
    evidence: { ...context.evidence, [currentChannel(context)]: evidence },
    openSend: null,
    offeredSince: null,
  };
}

/** Applies the provider's record. A channel that the account does not need gets no evidence. */
export function verifyByRecord(
  context: JourneyContext,
  record: UserRecord,
): Pick<JourneyContext, 'evidence' | 'openSend' | 'offeredSince'> {
  const evidenceFor = (channel: Channel) =>
    context.evidence[channel] ?? (record[channel] === 'verified' ? ('provider' as const) : null);
  const evidence = forEachChannel((channel) =>
    isNeeded(channel, context.accountType) ? evidenceFor(channel) : context.evidence[channel],
  );
  return { evidence, openSend: null, offeredSince: null };
}

/** Counts a guess before the provider checks it. */
export function countGuess(context: JourneyContext, at: number): Pick<JourneyContext, 'guesses'> {
  const { onCode, onChannel, unknown } = context.guesses[currentChannel(context)];
  return withGuesses(context, {
    onCode: onCode + 1,
    onChannel: onChannel + 1,
    lastAt: at,
    unknown: { ...unknown, onChannel: heldGuesses(unknown, at) },
  });
}

/** Refunds a guess that the provider did not check. */
export function refundGuess(context: JourneyContext): Pick<JourneyContext, 'guesses'> {
  const { onCode, onChannel, ...rest } = context.guesses[currentChannel(context)];
  return withGuesses(context, { ...rest, onCode: Math.max(0, onCode - 1), onChannel: Math.max(0, onChannel - 1) });
}

/** Moves the last guess to the separate counters of guesses with an unknown outcome. */
export function countGuessAsUnknown(context: JourneyContext, at: number): Pick<JourneyContext, 'guesses'> {
  const { guesses } = refundGuess(context);
  const { unknown, ...checked } = guesses[currentChannel(context)];
  const counted = { onCode: unknown.onCode + 1, onChannel: heldGuesses(unknown, at) + 1, lastAt: at };
  return withGuesses(context, { ...checked, unknown: counted });
}

/** Resets all guesses of the current channel, which unlocks it. */
export function resetGuesses(context: JourneyContext): Pick<JourneyContext, 'guesses'> {
  return withGuesses(context, noGuesses);
}

function resetCodeGuesses(context: JourneyContext): Pick<JourneyContext, 'guesses'> {
  const guesses = context.guesses[currentChannel(context)];
  return withGuesses(context, { ...guesses, onCode: 0, unknown: { ...guesses.unknown, onCode: 0 } });
}

function withGuesses(
  context: JourneyContext,
  guesses: JourneyContext['guesses'][Channel],
): Pick<JourneyContext, 'guesses'> {
  return { guesses: { ...context.guesses, [currentChannel(context)]: guesses } };
}

function withEntry(
  context: JourneyContext,
  at: number,
  entry: Pick<SendEntry, 'outcome' | 'reason' | 'to' | 'retryUntil'>,
): Pick<JourneyContext, 'ledger'> {
  const intent = context.openSend ?? openSend(context, 'first').openSend;
  const whole: SendEntry = { ...entry, ...intent, channel: currentChannel(context), at };
  return { ledger: [...context.ledger.filter(({ number }) => number !== intent.number), whole] };
}
