import { currentChannel } from '../../../workflows/journey/limits/limits.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import type { JourneyEvent } from '../../../workflows/journey/events.ts';
import { applyEvent, fireDueTimers, nextDueAt, startJourney } from '../../../workflows/journey/transition.ts';
import type { Journey, Step } from '../../../workflows/journey/transition.ts';

/** Random journeys: a seed decides what the user, an operator and the provider do and when, whatever the policy is. */

export const START = Date.UTC(2026, 0, 5, 9);
export const END = START + 12 * DAY;

type Random = () => number;

/** mulberry32 */
function randomOf(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function pick<const T>(random: Random, ...items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

interface RandomCommand {
  readonly at: number;
  readonly type: 'submitCode' | 'resend' | 'visit' | 'pause' | 'resume' | 'retry' | 'recheck' | 'recover' | 'override';
}

function commandsOf(random: Random): RandomCommand[] {
  const commands: RandomCommand[] = [];
  for (let at = START, count = 2 + Math.floor(random() * 14); commands.length < count;) {
    at += Math.round(
      pick(random, 5 * SECOND, 20 * SECOND, 20 * SECOND, MINUTE, 5 * MINUTE, HOUR, 2 * DAY) * (0.2 + random()),
    );
    const user = ['submitCode', 'submitCode', 'submitCode', 'resend', 'visit'] as const;
    commands.push({
      at,
      type:
        random() < 0.85
          ? pick(random, ...user)
          : pick(random, 'pause', 'resume', 'retry', 'recheck', 'recover', 'override'),
    });
  }
  return commands;
}

const detail = 'said so';

/** What the provider replies to the nth call, and after how long. */
function replyOf(seed: number, nth: number, { type }: Step['effects'][number]): { event: object; after: number } {
  const random = randomOf(seed * 7919 + nth * 104_729);
  const after = Math.round(pick(random, 300, 800, 2 * SECOND, 12 * SECOND));
  if (type === 'send') {
    const sent = { type: 'send.sent', to: null } as const;
    const failed = pick(
      random,
      'send.unknown',
      'send.unreached',
      'send.refused',
      'send.outOfService',
      'send.unknownUser',
    );
    return { event: random() < 0.8 ? sent : { type: failed, detail }, after };
  }
  if (type === 'readUser') {
    const state = pick(random, 'open', 'open', 'verified');
    return { event: { type: 'record.read', record: { email: state, sms: 'open' } }, after };
  }
  const isRight = random() < 0.4;
  return {
    event: {
      type: isRight ? 'code.correct' : pick(random, 'code.incorrect', 'code.incorrect', 'code.unknown'),
      detail,
    },
    after,
  };
}

/** Runs a random journey until it has ended, or until `END`. */
export function runRandomJourney(seed: number, policy: Policy, accountType: 'individual' | 'business'): Journey {
  const commands = commandsOf(randomOf(seed));
  const replies: { readonly at: number; readonly event: object }[] = [];
  let calls = 0;
  let journey: Journey | undefined;
  const take = (step: Step, at: number): void => {
    ({ journey } = step);
    for (const effect of step.effects) {
      if (effect.type === 'stopSend') continue;
      const { event, after } = replyOf(seed, (calls += 1), effect);
      replies.push({ at: at + after, event });
    }
  };
  take(startJourney({ userId: 'ada', accountType, policy, at: START }), START);
  for (;;) {
    if (journey === undefined) throw new Error('no journey');
    const now = journey;
    const due = nextDueAt(now) ?? Infinity;
    const [reply, command] = [replies[0]?.at ?? Infinity, commands[0]?.at ?? Infinity];
    const at = Math.min(due, reply, command);
    if (at > END || now.snapshot.status === 'done') return now;
    if (due === at) take(fireDueTimers(now, at), at);
    else if (reply === at) take(applyEvent(now, { ...replies.shift()?.event, at } as JourneyEvent), at);
    else take(applyEvent(now, commandOf(commands.shift()?.type ?? 'visit', now, at)), at);
  }
}

function commandOf(type: RandomCommand['type'], { snapshot }: Journey, at: number): JourneyEvent {
  const by = type === 'recover' ? { role: 'onward', name: 'recovery' } : { role: 'operator', name: 'night' };
  return { type, channel: currentChannel(snapshot.context), code: '123456', by, reason: null, at } as JourneyEvent;
}
