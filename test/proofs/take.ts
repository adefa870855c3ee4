import type { AccountType, Context, JourneyInput } from '../../workflows/context.ts';
import { noGuesses } from '../../workflows/context.ts';
import type { JourneyEvent } from '../../workflows/events.ts';
import { DAY } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import { advance, begin, wake } from '../../workflows/step.ts';
import type { Effect, Machine, Step } from '../../workflows/step.ts';
import { NOW, timeOf } from './canonical.ts';
import type { Carrying, Move, Told } from './moves.ts';
import { older } from './moves.ts';
import { answered, asking, nothingAsked } from './place.ts';
import type { Asked, Place } from './place.ts';

/** What has come of a move: the journey as the machine left it, what is in flight, and what it wanted done. */
export interface Change {
  readonly before: Place;
  readonly move: Move | { readonly kind: 'start' };
  readonly after: Place;
  readonly effects: readonly Effect[];
  readonly at: number;
}

const by = { role: 'operator', name: 'night' } as const;

/** Begins a journey. */
export function start(input: JourneyInput, machine?: Machine): Change {
  const step = begin(input, machine);
  const before = { journey: { ...step.journey, log: [], timers: [] }, asked: nothingAsked };
  return changed(before, { kind: 'start' }, step, nothingAsked);
}

/** What an account is and when it is texted matters once its e-mail is verified, and is chosen then: every choice is made. */
export interface Choice {
  readonly accountType: AccountType;
  readonly smsStart: Policy['smsStart'];
}
const choices: readonly Choice[] = [
  { accountType: 'individual', smsStart: 'automatic' },
  { accountType: 'individual', smsStart: 'onRequest' },
  { accountType: 'business', smsStart: 'automatic' },
];

/** Makes a move, in every way that the settings leave open. */
export function takeAll(before: Place, move: Move, machine?: Machine): (Change & { readonly choice?: Choice })[] {
  const change = take(before, move, machine);
  const emailOf = ({ journey }: Place) => journey.snapshot.context.evidence.email;
  if (emailOf(before) !== null || emailOf(change.after) === null) return [change];
  return choices.map((choice) => ({ ...take(chosen(before, choice), move, machine), choice }));
}

function chosen({ journey, asked }: Place, { accountType, smsStart }: Choice): Place {
  const { snapshot } = journey;
  const policy = { ...snapshot.context.policy, smsStart };
  return {
    journey: { ...journey, snapshot: { ...snapshot, context: { ...snapshot.context, accountType, policy } } },
    asked,
  };
}

/** Makes a move by the machine itself. */
export function take(before: Place, move: Move, machine?: Machine): Change {
  const { journey, asked } = before;
  switch (move.kind) {
    case 'command':
      return changed(before, move, advance(journey, timed(move.event), machine), asked);
    case 'answer': {
      const left = answered(asked, move.event.type);
      return changed(before, move, advance(journey, timed(move.event), machine), left);
    }
    case 'alarm': {
      const timers = journey.timers.map((timer) => (timer.id === move.id ? { ...timer, dueAt: NOW } : timer));
      return changed(before, move, wake({ ...journey, timers }, NOW, machine), asked);
    }
    case 'time':
      return { before, move, after: { journey: aged(journey, move.send), asked }, effects: [], at: NOW };
    case 'restart':
      return restart(before, move.carrying, machine);
  }
}

const timed = (event: Told): JourneyEvent => ({ ...event, at: NOW });

function changed(before: Place, move: Change['move'], { journey, effects }: Step, left: Asked): Change {
  return { before, move, after: { journey, asked: asking(left, effects) }, effects, at: NOW };
}

function aged(journey: Place['journey'], send: number | 'start'): Place['journey'] {
  const { context } = journey.snapshot;
  const memory: Context =
    send === 'start'
      ? { ...context, startedAt: timeOf.older }
      : {
          ...context,
          ledger: context.ledger.map((entry, nth) => (nth === send ? { ...entry, at: older(entry.at) } : entry)),
        };
  return { ...journey, snapshot: { ...journey.snapshot, context: memory } };
}

const verifyingBy: { readonly [W in Carrying['emailBy']]: readonly Move[] } = {
  none: [],
  provider: [{ kind: 'answer', event: { type: 'sendAlreadyVerified' } }],
  operator: [
    { kind: 'answer', event: { type: 'sendRefused', detail: 'said so' } },
    { kind: 'command', event: { type: 'override', channel: 'email', by, reason: 'again' } },
  ],
};

function restart(before: Place, carrying: Carrying, machine?: Machine): Change {
  const { accountType, policy, ledger, guesses } = before.journey.snapshot.context;
  const { smsStart, oldSends } = carrying;
  const carried = {
    ledger: ledger.filter(({ at }) => oldSends || at > NOW - DAY),
    guesses: carrying.guesses ? guesses : { email: noGuesses, sms: noGuesses },
    revision: 1,
    log: [],
  };
  const restarted = { by, reason: 'again', carried };
  const again = start({ userId: 'ada', accountType, at: NOW, policy: { ...policy, smsStart }, restarted }, machine);
  const last = verifyingBy[carrying.emailBy].reduce((change, move) => take(change.after, move, machine), again);
  return { ...last, before: last === again ? before : last.before, move: { kind: 'restart', carrying } };
}
