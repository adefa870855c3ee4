import { noGuesses } from '../../workflows/context.ts';
import type { Context, SendEntry, StallReason } from '../../workflows/context.ts';
import {
  automaticResendAt,
  cooldownEndsAt,
  countedSends,
  currentChannel,
  healsWithTime,
} from '../../workflows/limits.ts';
import { onboarding } from '../../workflows/machine.ts';
import { DAY, HOUR, MINUTE } from '../../workflows/policy.ts';
import { isFinal, placeOf } from '../../workflows/status.ts';
import type { Journey, Machine } from '../../workflows/step.ts';

/** The one moment at which every journey of the state space stands. */
export const NOW = Date.UTC(2026, 0, 5, 9);

/** How old a send is, as far as any limit asks: in its cool-down, or past that in ten minutes, in a day, or older. */
export const ages = ['cooling', 'tenMinutes', 'day', 'older'] as const;
export type Age = (typeof ages)[number];

/** The time that stands for an age. */
export const timeOf: { readonly [A in Age]: number } = {
  cooling: NOW,
  tenMinutes: NOW - MINUTE,
  day: NOW - HOUR,
  older: NOW - 2 * DAY,
};

/** What decides what a journey may still do: two that agree in this go the same ways. Everything in it is relative to the clock. */
export function canonical({ snapshot, timers }: Journey, clock: number): Pick<Journey, 'timers'> & Essence {
  const { value, context } = snapshot;
  return {
    value,
    context: remembered(context, value, clock),
    timers: timers.map((timer) => ({ ...timer, dueAt: NOW + 1 })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

export type Essence = Pick<Journey['snapshot'], 'value' | 'context'>;

/** Makes a journey of what decides. */
export function journeyOf(
  { timers, ...essence }: ReturnType<typeof canonical>,
  machine: Machine = onboarding,
): Journey {
  return { snapshot: machine.resolveState(essence), timers, revision: 1, updatedAt: NOW, log: [] };
}

function remembered(context: Context, value: Essence['value'], clock: number): Context {
  const { state, step } = placeOf({ value });
  const ended = isFinal(state);
  const channel = currentChannel(context);
  const { onCode, onChannel } = context.guesses[channel];
  const guesses = onChannel + onCode === 0 ? noGuesses : { onCode, onChannel, lastAt: NOW };
  const ledger = state === 'done' ? [] : sendsOf(context, clock);
  const isOpen = context.evidence.email === null;
  const unproven = context.evidence.email === 'operator' && !context.recordAgrees;
  const { accountType, policy } = context;
  return {
    userId: 'ada',
    accountType: isOpen ? 'individual' : accountType,
    policy: {
      ...policy,
      firstEmail: isOpen && !ended && ledger.length === 0 ? policy.firstEmail : 'send',
      smsStart: isOpen || accountType === 'business' || state === 'smsPending' || ended ? 'automatic' : policy.smsStart,
    },
    startedAt: isCoolingFromStart(context, clock) && !ended ? NOW : timeOf.older,
    expiresAt: NOW + DAY,
    heldSince: context.heldSince === null || ended ? null : NOW,
    ledger,
    wish: ended ? null : wishOf(context, ledger),
    guesses: { email: noGuesses, sms: noGuesses, ...(state !== 'done' && { [channel]: guesses }) },
    evidence: {
      email: context.evidence.email === null ? null : unproven && !ended ? 'operator' : 'provider',
      sms: context.evidence.sms === null ? null : 'provider',
    },
    reminded: { email: false, sms: false, [channel]: context.reminded[channel] && !ended },
    recordAgrees: false,
    stall: context.stall === null || ended ? null : { reason: kindOf(context), since: NOW, detail: null },
    resumeTo: step === 'paused' && state !== 'emailVerified' ? context.resumeTo : 'sending',
    afterStop: JSON.stringify(value).includes('"stopping"') ? context.afterStop : 'paused',
  };
}

/** The sends that a limit may still ask about, each as old as it matters; of those older than a day the last one alone. */
function sendsOf(context: Context, clock: number): SendEntry[] {
  const channel = currentChannel(context);
  const counted = countedSends(context, channel);
  const last = counted.at(-1);
  return counted
    .map((send) => ({ send, age: ageOf(send === last && cooldownEndsAt(context, channel) > clock, send.at, clock) }))
    .filter(({ send, age }) => age !== 'older' || send === last)
    .map(({ send, age }, index) => ({
      number: index + 1,
      channel,
      at: timeOf[age],
      outcome: send === last && automaticResendAt(context, channel) !== undefined ? 'unknown' : 'sent',
      why: 'first',
      reason: null,
      to: null,
    }));
}

function ageOf(cooling: boolean, at: number, clock: number): Age {
  if (cooling) return 'cooling';
  if (clock < at + 10 * MINUTE) return 'tenMinutes';
  return clock < at + DAY ? 'day' : 'older';
}

function isCoolingFromStart(context: Context, clock: number): boolean {
  const channel = currentChannel(context);
  return countedSends(context, channel).length === 0 && cooldownEndsAt(context, channel) > clock;
}

/** Of a wish it matters whether it is one of its own, and whether it is the one that follows an unknown outcome. */
function wishOf({ wish, ledger }: Context, kept: readonly SendEntry[]): Context['wish'] {
  if (wish === null) return null;
  const counted = ledger.filter(({ outcome }) => outcome === 'sent' || outcome === 'unknown');
  const isOwn = counted.every(({ number }) => number !== wish.number);
  return { number: isOwn ? kept.length + 1 : kept.length, why: wish.why === 'automatic' ? 'automatic' : 'first' };
}

/** Of a stall it matters whether it heals with the provider, with time, or with neither. */
function kindOf(context: Context): StallReason {
  if (healsWithTime(context)) return 'providerUnavailable';
  return context.stall?.reason ?? 'providerRefused';
}
