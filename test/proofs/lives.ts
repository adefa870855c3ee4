import * as fc from 'fast-check';
import { accountTypes } from '../../workflows/context.ts';
import type { JourneyInput } from '../../workflows/context.ts';
import { endingOf } from '../../workflows/ending.ts';
import type { JourneyEvent } from '../../workflows/events.ts';
import { DAY, defaultPolicy, HOUR, MINUTE } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import { advance, alarmAt, begin, wake } from '../../workflows/step.ts';
import type { Machine, Step } from '../../workflows/step.ts';
import { NOW } from './canonical.ts';
import { mayCome, toldMoves } from './moves.ts';
import { answered, asking, nothingAsked } from './place.ts';
import type { Place } from './place.ts';
import type { Change } from './take.ts';

/** Something is told after a while, or the alarm is let ring, or an ended journey is begun anew. */
interface Happening {
  readonly after: number;
  readonly alarm: boolean;
  readonly pick: number;
}
export interface Life {
  readonly accountType: JourneyInput['accountType'];
  readonly policy: Policy;
  readonly happenings: readonly Happening[];
}

/** Policies with these limits, and whatever durations. */
export const policiesWith = (limits: {
  readonly [K in 'sends' | 'guesses' | 'cooldowns']: fc.Arbitrary<Policy[K]>;
}): fc.Arbitrary<Policy> =>
  fc.record({
    ...limits,
    firstEmail: fc.constantFrom('send', 'alreadySent'),
    smsStart: fc.constantFrom('automatic', 'onRequest'),
    retrySendFor: fc.constant(defaultPolicy.retrySendFor),
    callTimeout: fc.constant(defaultPolicy.callTimeout),
    codeLife: fc.integer({ min: 0, max: HOUR }),
    reminderAfter: fc.integer({ min: 0, max: DAY }),
    journeyLife: fc.integer({ min: 1, max: 7 * DAY }),
  });

/** Lives under a policy, on a clock that may stand still, or run for days past an alarm. */
export const livesUnder = (policies: fc.Arbitrary<Policy>): fc.Arbitrary<Life> =>
  fc.record({
    accountType: fc.constantFrom(...accountTypes),
    policy: policies,
    happenings: fc.array(
      fc.record({
        after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 15 * MINUTE }), fc.integer({ min: 1, max: 2 * DAY })),
        alarm: fc.boolean(),
        pick: fc.nat(999),
      }),
      { maxLength: 120, size: 'max' },
    ),
  });

/** Lives a life on a real clock, by the machine unless another is given: every change of it. */
export function live({ accountType, policy, happenings }: Life, machine?: Machine): Change[] {
  let clock = NOW;
  const changes: Change[] = [];
  const start = (more: Partial<JourneyInput> = {}) =>
    begin({ userId: 'ada', accountType, policy, at: clock, ...more }, machine);
  let { journey, effects } = start();
  let place: Place = { journey, asked: asking(nothingAsked, effects) };
  const take = (move: Change['move'], step: Step, left = place.asked) => {
    const after = { journey: step.journey, asked: asking(left, step.effects) };
    changes.push({ before: place, move, after, effects: step.effects, at: clock });
    place = after;
  };
  for (const { after, alarm, pick } of happenings) {
    clock += after;
    ({ journey } = place);
    const dueAt = alarmAt(journey);
    if (journey.snapshot.value === 'done') break;
    if (journey.snapshot.status === 'done') {
      const restarted = { by, reason: 'again', carried: endingOf(journey).carried };
      ({ journey, effects } = start({ restarted, policy: { ...policy, firstEmail: 'send' } }));
      place = { journey, asked: asking(nothingAsked, effects) };
    } else if (alarm && dueAt !== undefined) {
      clock = Math.max(clock, dueAt);
      take({ kind: 'alarm', id: '' }, wake(journey, clock, machine));
    } else {
      const may = toldMoves.filter((move) => (pick % 8 === 0 || !leadsOn(move)) && isPossible(place, move, clock));
      const move = may[pick % may.length];
      if (move === undefined) continue;
      const left = move.kind === 'answer' ? answered(place.asked, move.event.type) : place.asked;
      take(move, advance(journey, timed(move, clock), machine), left);
    }
  }
  return changes;
}

const by = { role: 'operator', name: 'night' } as const;
type Told = (typeof toldMoves)[number];
const timed = ({ event }: Told, at: number) => ({ ...event, at }) as JourneyEvent;

/** What ends a channel or a journey: so seldom that a life is long enough to come to its limits. */
function leadsOn({ event }: Told): boolean {
  if (event.type === 'recordRead') return event.record.email === 'verified' || event.record.sms === 'verified';
  return ['cancel', 'override', 'codeRight', 'codeAlreadyVerified', 'sendAlreadyVerified'].includes(event.type);
}

function isPossible({ journey, asked }: Place, move: Told, at: number): boolean {
  return move.kind === 'answer' ? mayCome(move.event.type, asked) : journey.snapshot.can(timed(move, at));
}
