import type { JourneyContext, JourneyInput } from '../../workflows/journey/context.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import { noGuesses } from '../../workflows/journey/context.ts';
import type { JourneyEvent } from '../../workflows/journey/events.ts';
import { currentChannel } from '../../workflows/journey/limits/limits.ts';
import { DAY } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { applyEvent, startJourney, fireDueTimers } from '../../workflows/journey/transition.ts';
import type { Effect, Machine, Step } from '../../workflows/journey/transition.ts';
import { NOW, timeOf } from './canonical-state.ts';
import type { RestartVariant, Move, UntimedEvent } from './inputs.ts';
import { older } from './inputs.ts';
import { removeCall, addCalls, noPendingCalls } from './state.ts';
import type { PendingCalls, ExploredState } from './state.ts';

/** A transition of the state space: the states before and after a move, and the effects that the machine requested. */
export interface Change {
  readonly before: ExploredState;
  readonly move: Move | { readonly kind: 'start' };
  readonly after: ExploredState;
  readonly effects: readonly Effect[];
  readonly at: number;
}

const by = { role: 'operator', name: 'night' } as const;

/** Starts a journey. */
export function start(input: JourneyInput, machine?: Machine): Change {
  const step = startJourney(input, machine);
  const before = { journey: { ...step.journey, log: [], timers: [] }, pending: noPendingCalls };
  return toChange(before, { kind: 'start' }, step, noPendingCalls);
}

/** The account type and `smsStart` matter only after the e-mail address is verified, and are chosen then: every choice is explored. */
export interface Choice {
  readonly accountType: AccountType;
  readonly smsStart: Policy['smsStart'];
}
const choices: readonly Choice[] = [
  { accountType: 'individual', smsStart: 'automatic' },
  { accountType: 'individual', smsStart: 'onRequest' },
  { accountType: 'business', smsStart: 'automatic' },
];

/** Applies a move under every setting that matters to it. */
export function applyMoveVariants(
  before: ExploredState,
  move: Move,
  machine?: Machine,
): (Change & { readonly choice?: Choice })[] {
  if (move.kind === 'answer' && move.event.type === 'send.outOfService') {
    return [0, DAY].map((retrySendFor) => applyMove(withPolicy(before, { retrySendFor }), move, machine));
  }
  if (mayLeadToAutomaticSend(before, move))
    return [NOW, timeOf.day].map((lastActiveAt) => applyMove(withLastActivity(before, lastActiveAt), move, machine));
  const change = applyMove(before, move, machine);
  const emailOf = ({ journey }: ExploredState) => journey.snapshot.context.evidence.email;
  if (emailOf(before) !== null || emailOf(change.after) === null) return [change];
  // An SMS may follow at once, whether the user is there or has left.
  return choices.flatMap((choice) =>
    [NOW, timeOf.day].map((lastActiveAt) => ({
      ...applyMove(withLastActivity(withChoice(before, choice), lastActiveAt), move, machine),
      choice,
    })),
  );
}

/** Whether an automatic send may follow. */
function mayLeadToAutomaticSend({ journey }: ExploredState, move: Move): boolean {
  if (move.kind === 'command') return move.event.type === 'recover' || move.event.type === 'resume';
  if (move.kind !== 'alarm') return false;
  const { type = '' } = journey.timers.find(({ id }) => id === move.id)?.event ?? {};
  return /[.](automaticResendAfter|quietHoursEnd|sendLimit|sendBudget)[.]/.test(type);
}

function withLastActivity({ journey, pending }: ExploredState, lastActiveAt: number): ExploredState {
  const { snapshot } = journey;
  return {
    journey: { ...journey, snapshot: { ...snapshot, context: { ...snapshot.context, lastActiveAt } } },
    pending,
  };
}

/** Whether a provider that is out of service is called again depends on durations, which the space leaves out: both are explored. */
function withPolicy({ journey, pending }: ExploredState, more: Partial<Policy>): ExploredState {
  const { snapshot } = journey;
  const policy = { ...snapshot.context.policy, ...more };
  return { journey: { ...journey, snapshot: { ...snapshot, context: { ...snapshot.context, policy } } }, pending };
}

function withChoice({ journey, pending }: ExploredState, { accountType, smsStart }: Choice): ExploredState {
  const { snapshot } = journey;
  const policy = { ...snapshot.context.policy, smsStart };
  return {
    journey: { ...journey, snapshot: { ...snapshot, context: { ...snapshot.context, accountType, policy } } },
    pending,
  };
}

/** Applies a move by the machine itself. */
export function applyMove(before: ExploredState, move: Move, machine?: Machine): Change {
  const { journey, pending } = before;
  switch (move.kind) {
    case 'command':
      return toChange(before, move, applyEvent(journey, timed(move.event), machine), pending);
    case 'answer': {
      const left = removeCall(pending, move.event.type);
      return toChange(before, move, applyEvent(journey, timed(move.event), machine), left);
    }
    case 'alarm': {
      const timers = journey.timers.map((timer) => (timer.id === move.id ? { ...timer, dueAt: NOW } : timer));
      return toChange(before, move, fireDueTimers({ ...journey, timers }, NOW, machine), pending);
    }
    case 'time':
      return { before, move, after: { journey: withOlderSend(journey, move.send), pending }, effects: [], at: NOW };
    case 'restart':
      return restart(before, move.variant, machine);
  }
}

const timed = (event: UntimedEvent): JourneyEvent => ({ ...event, at: NOW });

function toChange(before: ExploredState, move: Change['move'], { journey, effects }: Step, left: PendingCalls): Change {
  return { before, move, after: { journey, pending: addCalls(left, effects) }, effects, at: NOW };
}

function withOlderSend(
  journey: ExploredState['journey'],
  send: number | 'start' | 'guesses',
): ExploredState['journey'] {
  const { context } = journey.snapshot;
  if (send === 'guesses') {
    const channel = currentChannel(context);
    const { unknown, ...checked } = context.guesses[channel];
    const guesses = { ...context.guesses, [channel]: { ...checked, unknown: { ...unknown, lastAt: timeOf.older } } };
    return { ...journey, snapshot: { ...journey.snapshot, context: { ...context, guesses } } };
  }
  const memory: JourneyContext =
    send === 'start'
      ? { ...context, startedAt: timeOf.older }
      : {
          ...context,
          ledger: context.ledger.map((entry, nth) => (nth === send ? { ...entry, at: older(entry.at) } : entry)),
        };
  return { ...journey, snapshot: { ...journey.snapshot, context: memory } };
}

const verificationMoves: { readonly [W in RestartVariant['emailBy']]: readonly Move[] } = {
  none: [],
  provider: [{ kind: 'answer', event: { type: 'send.alreadyVerified' } }],
  operator: [
    { kind: 'answer', event: { type: 'send.refused', detail: 'said so' } },
    { kind: 'command', event: { type: 'override', channel: 'email', by, reason: 'again' } },
  ],
};

function restart(before: ExploredState, variant: RestartVariant, machine?: Machine): Change {
  const { accountType, policy, ledger, guesses } = before.journey.snapshot.context;
  const { smsStart, oldSends } = variant;
  const carried = {
    ledger: ledger.filter(({ at }) => oldSends || at > NOW - DAY),
    guesses: variant.guesses ? guesses : { email: noGuesses, sms: noGuesses },
    revision: 1,
    log: [],
  };
  const restarted = { by, reason: 'again', carried };
  const again = start({ userId: 'ada', accountType, at: NOW, policy: { ...policy, smsStart }, restarted }, machine);
  const last = verificationMoves[variant.emailBy].reduce(
    (change, move) => applyMove(change.after, move, machine),
    again,
  );
  return { ...last, before: last === again ? before : last.before, move: { kind: 'restart', variant } };
}
