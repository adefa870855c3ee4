import type { Command } from './events.ts';
import { currentChannel, sendOpensAt, sentAfter } from './limits.ts';
import { placeOf, stallOf, time } from './status.ts';
import { advance } from './step.ts';
import type { Journey, Snapshot } from './step.ts';

/**
 * What comes of a command, by the journey's own machine.
 *
 * - `sends`: the provider is asked for a code
 * - `taken`: it is carried out, and no code is asked for
 * - `overLimit`: a cool-down or a limit of sends is in the way, `until` this time
 * - `notNow`: it is not allowed where the journey stands; `why` says so
 */
export interface Forecast {
  readonly outcome: 'sends' | 'taken' | 'overLimit' | 'notNow';
  /** RFC 3339. */
  readonly until: string | null;
  readonly why: string | null;
}

/** Says what would come of a command, and does nothing: the same step that carries it out is taken and dropped. */
export function forecast(journey: Journey, command: Command): Forecast {
  const { snapshot } = journey;
  if (!snapshot.can(command)) {
    const opensAt = opensLater(snapshot, command);
    if (opensAt === undefined) return { outcome: 'notNow', until: null, why: notAllowed(snapshot, command) };
    return { outcome: 'overLimit', until: time(opensAt), why: null };
  }
  const { journey: next, effects } = advance(journey, command);
  const stops = effects.some(({ type }) => type === 'stopSend');
  if (placeOf(next.snapshot).step === 'sending' && !stops) return { outcome: 'sends', until: null, why: null };
  // A journey that was paused over a limit of sends resumes there.
  const until = placeOf(snapshot).step === 'stalled' ? null : (stallOf(next.snapshot)?.nextRetryAt ?? null);
  return { outcome: until === null ? 'taken' : 'overLimit', until, why: null };
}

/** When a command that is refused now would be taken, if time is all that is in the way. */
export function opensLater(snapshot: Snapshot, command: Command): number | undefined {
  const opensAt = sendOpensAt(snapshot.context, currentChannel(snapshot.context));
  return opensAt > command.at && snapshot.can({ ...command, at: opensAt }) ? opensAt : undefined;
}

/** Why a command is refused, in plain words. */
export function notAllowed(snapshot: Snapshot, command: Command): string {
  const { context } = snapshot;
  const { state, step } = placeOf(snapshot);
  const asOf = command.type === 'resend' ? command.asOf : undefined;
  if (sentAfter(context, currentChannel(context), asOf)) return 'a code has been sent since this was asked for';
  return `${command.type} is not allowed in ${state}${step === null ? '' : `.${step}`}`;
}
