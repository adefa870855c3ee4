import type { Channel, UserRecord } from '../activities/contract.ts';
import { noGuesses } from './context.ts';
import type { Context, Evidence, SendEntry, Stall, StallReason, Wish, WishReason } from './context.ts';
import type { Answer } from './events.ts';
import { currentChannel, isLastTry } from './limits.ts';

export type SendAnswer = Extract<Answer, { type: 'codeSent' | `send${string}` }>;

type Change = Partial<Context>;

/** Opens a wish to send, or gives the open one a new reason: what the provider has not judged is one wish. */
export function wishFor(context: Context, why: WishReason): { wish: Wish } {
  return { wish: { number: context.wish?.number ?? (context.ledger.at(-1)?.number ?? 0) + 1, why } };
}

/** What an answer to a send changes: one entry of the ledger, and what follows from it. */
export function recordSend(context: Context, answer: SendAnswer): Change {
  const enter = (entry: Pick<SendEntry, 'outcome'> & Partial<SendEntry>) => entered(context, answer.at, entry);
  const stalled = (reason: StallReason, detail: string): Change => ({
    stall: stallAs(context, reason, detail, answer.at),
  });
  switch (answer.type) {
    case 'codeSent':
      return { ...enter({ outcome: 'sent', to: answer.to }), ...newCode(context), wish: null };
    case 'sendAlreadyVerified':
      return { ...enter({ outcome: 'alreadyVerified' }), ...verify(context, 'provider') };
    case 'sendRefused':
      return {
        ...enter({ outcome: 'notSent', reason: answer.detail }),
        ...stalled('providerRefused', answer.detail),
        wish: null,
      };
    case 'sendUnknown':
      return {
        ...enter({ outcome: 'unknown', reason: answer.detail }),
        ...newCode(context),
        ...(isLastTry(context.wish?.why) ? stalled('providerUnavailable', answer.detail) : {}),
        wish: null,
      };
    // The provider has not judged these: the wish stays open, and its next try replaces the entry.
    case 'sendUnreached':
      return {
        ...enter({ outcome: 'notSent', reason: answer.detail }),
        ...stalled('providerUnavailable', answer.detail),
      };
    case 'sendRateLimited':
      return { ...enter({ outcome: 'notSent', reason: answer.detail }), ...stalled('rateLimited', answer.detail) };
    case 'sendCredentials':
      return { ...enter({ outcome: 'notSent', reason: answer.detail }), ...stalled('credentials', answer.detail) };
    case 'sendStopped':
      return enter({ outcome: 'notSent', reason: 'stopped before it reached the provider' });
  }
}

/** A journey that was stalled for the same reason when it was tried is stalled for as long as before. */
export function stallAs({ stall }: Context, reason: StallReason, detail: string | null, at: number): Stall {
  return { reason, detail, since: stall?.reason === reason ? stall.since : at };
}

/** Gives the channel that is due its evidence. A wish to send that was still open is no longer one. */
export function verify(context: Context, evidence: Evidence): Pick<Context, 'evidence' | 'wish'> {
  return { evidence: { ...context.evidence, [currentChannel(context)]: evidence }, wish: null };
}

/** Takes over what the provider's record says is verified. A business needs no sms, whatever its record says. */
export function verifyByRecord(context: Context, record: UserRecord): Pick<Context, 'evidence' | 'wish'> {
  const taken = (channel: Channel) =>
    context.evidence[channel] ?? (record[channel] === 'verified' ? ('provider' as const) : null);
  const sms = context.accountType === 'business' ? null : taken('sms');
  return { evidence: { email: taken('email'), sms }, wish: null };
}

/** Counts a guess, before it is asked. */
export function countGuess(context: Context, at: number): Pick<Context, 'guesses'> {
  const { onCode, onChannel } = context.guesses[currentChannel(context)];
  return withGuesses(context, { onCode: onCode + 1, onChannel: onChannel + 1, lastAt: at });
}

/** Gives back a guess that never reached the provider. */
export function giveGuessBack(context: Context): Pick<Context, 'guesses'> {
  const { onCode, onChannel, lastAt } = context.guesses[currentChannel(context)];
  return withGuesses(context, { onCode: Math.max(0, onCode - 1), onChannel: Math.max(0, onChannel - 1), lastAt });
}

/** Opens a locked channel: all its guesses anew. */
export function freshGuesses(context: Context): Pick<Context, 'guesses'> {
  return withGuesses(context, noGuesses);
}

function newCode(context: Context): Pick<Context, 'guesses'> {
  return withGuesses(context, { ...context.guesses[currentChannel(context)], onCode: 0 });
}

function withGuesses(context: Context, guesses: Context['guesses'][Channel]): Pick<Context, 'guesses'> {
  return { guesses: { ...context.guesses, [currentChannel(context)]: guesses } };
}

function entered(
  context: Context,
  at: number,
  entry: Pick<SendEntry, 'outcome'> & Partial<SendEntry>,
): Pick<Context, 'ledger'> {
  const wish = context.wish ?? wishFor(context, 'first').wish;
  const whole: SendEntry = { reason: null, to: null, ...entry, ...wish, channel: currentChannel(context), at };
  return { ledger: [...context.ledger.filter(({ number }) => number !== wish.number), whole] };
}
