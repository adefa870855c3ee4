import * as fc from 'fast-check';
import { accountTypes } from '../../workflows/journey/account-types.ts';
import type { JourneyInput } from '../../workflows/journey/context.ts';
import { resultOf } from '../../workflows/journey/status/result.ts';
import type { JourneyEvent } from '../../workflows/journey/events.ts';
import { DAY, defaultPolicy, HOUR, MINUTE } from '../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../workflows/journey/policy/policy.ts';
import { applyEvent, nextDueAt, startJourney, fireDueTimers } from '../../workflows/journey/transition.ts';
import type { Machine, Step } from '../../workflows/journey/transition.ts';
import { NOW } from './canonical-state.ts';
import { mayCome, eventMoves } from './inputs.ts';
import { removeCall, addCalls, noPendingCalls } from './state.ts';
import type { ExploredState } from './state.ts';
import type { Change } from './apply-input.ts';

/** After a while an event arrives, the timer fires, or an ended journey is restarted. */
interface RandomStep {
  readonly after: number;
  readonly alarm: boolean;
  readonly pick: number;
}
export interface RandomJourney {
  readonly accountType: JourneyInput['accountType'];
  readonly policy: Policy;
  readonly steps: readonly RandomStep[];
}

/** Policies with these limits and random durations. */
export const policiesWith = (limits: {
  readonly [K in 'sends' | 'guesses' | 'cooldowns']: fc.Arbitrary<Policy[K]>;
}): fc.Arbitrary<Policy> =>
  fc.record({
    ...limits,
    firstEmail: fc.constantFrom('send', 'alreadySent'),
    smsStart: fc.constantFrom('automatic', 'onRequest'),
    retrySendFor: fc.constant(defaultPolicy.retrySendFor),
    unknownUserFor: fc.constant(defaultPolicy.unknownUserFor),
    callTimeout: fc.constant(defaultPolicy.callTimeout),
    codeLife: fc.integer({ min: 0, max: HOUR }),
    reminderAfter: fc.integer({ min: 0, max: DAY }),
    journeyLife: fc.integer({ min: 1, max: 7 * DAY }),
    automaticSends: fc.record({
      notAfter: fc.integer({ min: 0, max: DAY }),
      quietHours: fc.option(
        fc.record({
          from: fc.integer({ min: 0, max: 23 }).map((hour) => hour * 60),
          to: fc.integer({ min: 0, max: 23 }).map((hour) => hour * 60 + 30),
          offsets: fc.integer({ min: -12, max: 14 }).map((hours) => [{ from: 0, minutes: hours * 60 }] as const),
        }),
        { nil: null },
      ),
    }),
  });

/** Random journeys under a policy, on a clock that may stop, or run for days past a timer. */
export const journeysUnder = (policies: fc.Arbitrary<Policy>): fc.Arbitrary<RandomJourney> =>
  fc.record({
    accountType: fc.constantFrom(...accountTypes),
    policy: policies,
    steps: fc.array(
      fc.record({
        after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 15 * MINUTE }), fc.integer({ min: 1, max: 2 * DAY })),
        alarm: fc.boolean(),
        pick: fc.nat(999),
      }),
      { maxLength: 120, size: 'max' },
    ),
  });

/** Runs a random journey on a real clock, by default through the real machine, and returns its transitions. */
export function runJourney({ accountType, policy, steps }: RandomJourney, machine?: Machine): Change[] {
  let clock = NOW;
  const changes: Change[] = [];
  const start = (more: Partial<JourneyInput> = {}) =>
    startJourney({ userId: 'ada', accountType, policy, at: clock, ...more }, machine);
  let { journey, effects } = start();
  let current: ExploredState = { journey, pending: addCalls(noPendingCalls, effects) };
  const take = (move: Change['move'], step: Step, left = current.pending) => {
    const after = { journey: step.journey, pending: addCalls(left, step.effects) };
    changes.push({ before: current, move, after, effects: step.effects, at: clock });
    current = after;
  };
  for (const { after, alarm, pick } of steps) {
    clock += after;
    ({ journey } = current);
    const dueAt = nextDueAt(journey);
    if (journey.snapshot.value === 'done') break;
    if (journey.snapshot.status === 'done') {
      const restarted = { by, reason: 'again', carried: resultOf(journey).carried };
      ({ journey, effects } = start({ restarted, policy: { ...policy, firstEmail: 'send' } }));
      current = { journey, pending: addCalls(noPendingCalls, effects) };
    } else if (alarm && dueAt !== undefined) {
      clock = Math.max(clock, dueAt);
      take({ kind: 'alarm', id: '' }, fireDueTimers(journey, clock, machine));
    } else {
      const may = eventMoves.filter((move) => (pick % 8 === 0 || !isRare(move)) && isPossible(current, move, clock));
      const move = may[pick % may.length];
      if (move === undefined) continue;
      const left = move.kind === 'answer' ? removeCall(current.pending, move.event.type) : current.pending;
      take(move, applyEvent(journey, timed(move, clock), machine), left);
    }
  }
  return changes;
}

const by = { role: 'operator', name: 'night' } as const;
type EventMove = (typeof eventMoves)[number];
const timed = ({ event }: EventMove, at: number) => ({ ...event, at }) as JourneyEvent;

/** Moves that end a channel or a journey are chosen rarely, so that journeys are long enough to reach their limits. */
export function isRare({ event }: EventMove): boolean {
  if (event.type === 'record.read') return event.record.email === 'verified' || event.record.sms === 'verified';
  return ['cancel', 'override', 'code.correct', 'code.alreadyVerified', 'send.alreadyVerified'].includes(event.type);
}

function isPossible({ journey, pending }: ExploredState, move: EventMove, at: number): boolean {
  return move.kind === 'answer' ? mayCome(move.event.type, pending) : journey.snapshot.can(timed(move, at));
}
