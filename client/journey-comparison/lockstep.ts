import type { AdoptablePolicy } from '../../workflows/journey/policy/adoption.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { isReplyType } from '../../workflows/journey/replies.ts';
import { fireDueTimers } from '../../workflows/journey/transition.ts';
import type { Journey, Step } from '../../workflows/journey/transition.ts';
import type { JourneyComparison, UndecidedCause } from '../../workflows/what-if/contract.ts';
import { applyEntry, isElapsed } from '../journey-log/run-record.ts';
import type { EventEntry } from '../journey-log/run-record.ts';
import { allowedSooner } from './allowed-sooner.ts';
import { CommandRates } from './command-rates.ts';
import { mayHaveTimedOut } from './provider-calls.ts';
import type { ProviderCall } from './provider-calls.ts';

/** Where the two courses of a journey diverge, and why. `at`: milliseconds since 1970. */
export interface Divergence {
  readonly at: number;
  readonly cause: UndecidedCause;
  readonly refused?: NonNullable<JourneyComparison['refused']>;
}

/** One course of a journey: as it was, or under the other policy. */
export interface Course {
  readonly journey: Journey;
  readonly sends: number;
}

export const sendsOf = ({ effects }: Step) => effects.filter(({ type }) => type === 'send').length;

const advance = (sends: number, step: Step): Course => ({ journey: step.journey, sends: sends + sendsOf(step) });

/** Runs a journey, and the same journey under another policy, side by side until they diverge. */
export class Lockstep {
  readonly #policy: AdoptablePolicy;
  readonly #rates = new CommandRates();
  #actual: Course | undefined;
  #whatIf: Course;
  /** The time of the last event. */
  #at = 0;
  #call: ProviderCall | undefined;

  /** @param whatIf the start of the journey under the other policy */
  constructor(policy: AdoptablePolicy, whatIf: Step) {
    this.#policy = policy;
    this.#whatIf = advance(0, whatIf);
  }

  get actual(): Course {
    if (this.#actual === undefined) throw new Error('the journey has not begun');
    return this.#actual;
  }

  get whatIf(): Course {
    return this.#whatIf;
  }

  /** Advances both to the time of the next event. They diverge if a timer fires only in the other course, or if it allows a command sooner. */
  waitUntil(at: number): Divergence | undefined {
    const [{ journey: actual }, { journey: whatIf, sends }] = [this.actual, this.#whatIf];
    const isCommon = ({ id, dueAt }: Journey['timers'][number]) =>
      actual.timers.some((timer) => timer.id === id && timer.dueAt === dueAt);
    const own = whatIf.timers.filter((timer) => timer.dueAt < at && !isCommon(timer));
    const to = Math.min(at, ...own.map(({ dueAt }) => dueAt));
    const span = { from: this.#at, to };
    const allowedAt =
      allowedSooner(actual.snapshot, whatIf.snapshot, span) ??
      this.#rates.allowedSooner(policiesOf(actual, whatIf), span);
    if (allowedAt !== undefined) return { at: allowedAt, cause: 'commandAllowed' };
    if (own.length === 0) return undefined;
    this.#whatIf = advance(sends, fireDueTimers(whatIf, to));
    return { at: to, cause: 'otherTimer' };
  }

  /** Applies the next entry of the log to both; `step` is its result in the actual course. */
  take(entry: LogEntry, step: Step): Divergence | undefined {
    const before = this.#actual;
    // The timer was fired together with the one before.
    if (before?.journey === step.journey) return undefined;
    this.#actual = advance(before?.sends ?? 0, step);
    const divergence = before === undefined ? undefined : this.#takeEvent(entry as EventEntry, before.journey);
    if (divergence !== undefined) return divergence;
    this.#at = entry.at;
    const effect = step.effects.find(({ type }) => type !== 'stopSend');
    if (effect !== undefined) this.#call = { at: entry.at, effect };
    if (visibleStateOf(this.#actual.journey) === visibleStateOf(this.#whatIf.journey)) return undefined;
    return { at: entry.at, cause: isElapsed(entry) ? 'otherTimer' : 'otherOutcome' };
  }

  #takeEvent(entry: EventEntry, before: Journey): Divergence | undefined {
    const { journey, sends } = this.#whatIf;
    const { at } = entry;
    const policies = policiesOf(before, journey);
    if (isReplyType(entry.type) && this.#call !== undefined && mayHaveTimedOut(this.#call, entry, policies)) {
      return { at, cause: 'providerCall' };
    }
    const isRefused = 'by' in entry && this.#rates.refuses(entry, policies[1]);
    if ('by' in entry) this.#rates.count(entry);
    const event = entry.type === 'adoptPolicy' ? { ...entry, policy: this.#policy } : entry;
    const next = isRefused ? { journey, effects: [] } : applyEntry(journey, event);
    if (next.journey === journey) {
      if ('by' in entry) return { at, cause: 'commandRefused', refused: entry.type };
      return { at, cause: isElapsed(entry) ? 'otherTimer' : 'otherOutcome' };
    }
    this.#whatIf = advance(sends, next);
    return undefined;
  }
}

const policiesOf = (actual: Journey, whatIf: Journey) =>
  [actual.snapshot.context.policy, whatIf.snapshot.context.policy] as const;

/** What people can see of a journey, without figures such as the guesses left. Two journeys that look the same accept the same events. */
function visibleStateOf({ snapshot }: Journey): string {
  const { offeredSince, evidence, stall } = snapshot.context;
  return JSON.stringify([snapshot.value, offeredSince, evidence, stall?.reason]);
}
