import type { Command } from '../events.ts';
import { currentChannel, guessesOpenAt, sendOpensAt, wasSentAfter } from '../limits/limits.ts';
import { positionOf, stallStatusOf, formatTime } from './status.ts';
import { applyEvent, fireDueTimers } from '../transition.ts';
import type { Journey, Snapshot } from '../transition.ts';

export const previewOutcomes = ['sends', 'applied', 'limited', 'invalidState'] as const;

/**
 * The result of a command, by the journey's own machine.
 *
 * - `sends`: a code is requested from the provider
 * - `applied`: it is carried out, and no code is requested; `why` says whether another policy ends the journey or locks its channel
 * - `limited`: a cool-down or a limit of sends prevents it, `until` this time
 * - `invalidState`: not allowed in the current state; `why` explains it
 */
export interface CommandPreview {
  readonly outcome: (typeof previewOutcomes)[number];
  /** RFC 3339. */
  readonly until: string | null;
  readonly why: string | null;
}

/** Returns the result that a command would have, without an effect: computes the step that would carry it out, and discards it. */
export function previewCommand(journey: Journey, command: Command): CommandPreview {
  const { snapshot } = journey;
  if (!snapshot.can(command)) {
    const opensAt = allowedFrom(snapshot, command);
    if (opensAt === undefined) return { outcome: 'invalidState', until: null, why: explainRefusal(snapshot, command) };
    return { outcome: 'limited', until: formatTime(opensAt), why: null };
  }
  const { journey: next, effects } = applyEvent(journey, command);
  const stops = effects.some(({ type }) => type === 'stopSend');
  if (positionOf(next.snapshot).step === 'sending' && !stops) return { outcome: 'sends', until: null, why: null };
  // A journey that was paused over a limit of sends resumes there.
  const until = positionOf(snapshot).step === 'stalled' ? null : (stallStatusOf(next.snapshot)?.nextRetryAt ?? null);
  const why = command.type === 'adoptPolicy' ? explainAdoption(journey, next, command.at) : null;
  return { outcome: until === null ? 'applied' : 'limited', until, why };
}

/** What another policy does to a journey at once; `null` if nothing. */
function explainAdoption(before: Journey, after: Journey, at: number): string | null {
  if (positionOf(fireDueTimers(after, at).journey.snapshot).state === 'expired') return 'the journey expires at once';
  const isLocked = ({ snapshot }: Journey) => positionOf(snapshot).step === 'locked';
  return isLocked(after) && !isLocked(before) ? 'the channel is locked: its guesses are used up' : null;
}

/** When a command that is refused now would be accepted, if it only has to wait. */
export function allowedFrom(snapshot: Snapshot, command: Command): number | undefined {
  const opensAt = sendOpensAt(snapshot.context, currentChannel(snapshot.context));
  return opensAt > command.at && snapshot.can({ ...command, at: opensAt }) ? opensAt : undefined;
}

/** Why a command is refused, in plain words. */
export function explainRefusal(snapshot: Snapshot, command: Command): string {
  const { context } = snapshot;
  const { state, step } = positionOf(snapshot);
  const guessesOpen = guessesOpenAt(context, currentChannel(context));
  if (command.type === 'submitCode' && guessesOpen > command.at) {
    return `the provider has left too many codes unjudged: the next one is accepted at ${formatTime(guessesOpen)}`;
  }
  const asOf = command.type === 'resend' ? command.asOf : undefined;
  if (wasSentAfter(context, currentChannel(context), asOf)) return 'a code has been sent since this was asked for';
  return `${command.type} is not allowed in ${state}${step === null ? '' : `.${step}`}`;
}
