import { noGuesses } from '../../workflows/journey/context.ts';
import type { JourneyContext, GuessCounters, SendEntry, Stall } from '../../workflows/journey/context.ts';
import type { StallReason } from '../../workflows/journey/stall-reasons.ts';
import {
  automaticResendAt,
  cooldownEndsAt,
  countedSends,
  currentChannel,
  isRecoverable,
} from '../../workflows/journey/limits/limits.ts';
import { onboarding } from '../../workflows/journey/machine.ts';
import { DAY, defaultPolicy, HOUR, MINUTE } from '../../workflows/journey/policy/policy.ts';
import { isFinal, positionOf } from '../../workflows/journey/status/status.ts';
import type { Journey, Machine } from '../../workflows/journey/transition.ts';

/** The time in every state of the space. */
export const NOW = Date.UTC(2026, 0, 5, 9);

/** The ages of a send that the limits distinguish: in its cool-down, at most ten minutes, at most a day, or older. */
export const ages = ['cooling', 'tenMinutes', 'day', 'older'] as const;
export type Age = (typeof ages)[number];

/** The time that represents an age. */
export const timeOf: { readonly [A in Age]: number } = {
  cooling: NOW,
  tenMinutes: NOW - MINUTE,
  day: NOW - HOUR,
  older: NOW - 2 * DAY,
};

/** The canonical form of a journey, relative to the clock: two journeys with the same form behave the same. */
export function canonical({ snapshot, timers }: Journey, clock: number): Pick<Journey, 'timers'> & CanonicalState {
  const { value } = snapshot;
  return {
    value,
    context: canonicalContext(snapshot, clock),
    timers: timers.map((timer) => ({ ...timer, dueAt: NOW + 1 })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

export type CanonicalState = Pick<Journey['snapshot'], 'value' | 'context'>;

/** A journey with this canonical form. */
export function journeyOf(
  { timers, ...essence }: ReturnType<typeof canonical>,
  machine: Machine = onboarding,
): Journey {
  return { snapshot: machine.resolveState(essence), timers, revision: 1, updatedAt: NOW, log: [] };
}

function canonicalContext(snapshot: Journey['snapshot'], clock: number): JourneyContext {
  const { context, value } = snapshot;
  const { state, step } = positionOf(snapshot);
  const ended = isFinal(state);
  const channel = currentChannel(context);
  const guesses = guessesOf(context.guesses[channel], clock);
  const ledger = state === 'done' ? [] : sendsOf(context, clock);
  const isOpen = context.evidence.email === null;
  const unproven = context.evidence.email === 'operator' && !context.recordAgrees;
  const { accountType, policy } = context;
  return {
    userId: 'ada',
    accountType: isOpen ? 'individual' : accountType,
    provider: null,
    policy: {
      ...policy,
      retrySendFor: defaultPolicy.retrySendFor,
      firstEmail: isOpen && !ended && ledger.length === 0 ? policy.firstEmail : 'send',
      smsStart: isOpen || accountType === 'business' || state === 'smsPending' || ended ? 'automatic' : policy.smsStart,
    },
    startedAt: isCoolingFromStart(context, clock) && !ended ? NOW : timeOf.older,
    now: NOW,
    channel: ended ? 'email' : context.channel,
    // Whether the user has left is chosen with each change for which it matters.
    lastActiveAt: NOW,
    offeredSince: context.offeredSince === null || ended ? null : NOW,
    expiresAt: NOW + DAY,
    expirySuspendedSince: context.expirySuspendedSince === null || ended ? null : NOW,
    ledger,
    openSend: ended ? null : sendIntentOf(context, ledger),
    guesses: { email: noGuesses, sms: noGuesses, ...(state !== 'done' && { [channel]: guesses }) },
    evidence: {
      email: context.evidence.email === null ? null : unproven && !ended ? 'operator' : 'provider',
      sms: context.evidence.sms === null ? null : 'provider',
    },
    reminded: { email: false, sms: false, [channel]: context.reminded[channel] && !ended },
    recordAgrees: false,
    stall: context.stall === null || ended ? null : stallOf(context),
    resumeTo: step === 'paused' && state !== 'emailVerified' ? context.resumeTo : 'sending',
    afterStop: JSON.stringify(value).includes('"stopping"') ? context.afterStop : 'paused',
  };
}

/** Guesses with an unknown outcome count against the channel for a day, the others without end. For a code only their sum matters. */
function guessesOf({ onCode, onChannel, unknown }: GuessCounters, clock: number): GuessCounters {
  const isHeld = unknown.onChannel > 0 && clock < unknown.lastAt + DAY;
  return {
    onCode: onCode + unknown.onCode,
    onChannel,
    lastAt: onChannel + onCode + unknown.onCode === 0 ? 0 : NOW,
    unknown: { onCode: 0, onChannel: isHeld ? unknown.onChannel : 0, lastAt: isHeld ? NOW : 0 },
  };
}

/** The sends that still matter to a limit, each with its age; of those older than a day only the last. */
function sendsOf(context: JourneyContext, clock: number): SendEntry[] {
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

function isCoolingFromStart(context: JourneyContext, clock: number): boolean {
  const channel = currentChannel(context);
  return countedSends(context, channel).length === 0 && cooldownEndsAt(context, channel) > clock;
}

/** It matters whether the open send has an entry in the ledger, and whether it follows an unknown outcome. */
function sendIntentOf(
  { openSend, ledger }: JourneyContext,
  canonicalSends: readonly SendEntry[],
): JourneyContext['openSend'] {
  if (openSend === null) return null;
  const counted = ledger.filter(({ outcome }) => outcome === 'sent' || outcome === 'unknown');
  const isNew = counted.every(({ number }) => number !== openSend.number);
  const { length } = canonicalSends;
  return { number: isNew ? length + 1 : length, why: openSend.why === 'automatic' ? 'automatic' : 'first' };
}

/** A stall by the send budget ends on a timer. */
function stallOf(context: JourneyContext): Stall {
  const reason = stallReasonOf(context);
  return { reason, since: NOW, detail: null, ...(reason === 'sendBudget' && { until: NOW }) };
}

/** It matters whether the provider's return, time, or neither ends a stall. */
function stallReasonOf(context: JourneyContext): StallReason {
  if (isRecoverable(context)) return 'providerUnavailable';
  return context.stall?.reason ?? 'providerRefused';
}
