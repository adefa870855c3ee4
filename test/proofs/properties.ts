import type { Channel } from '../../activities/contract.ts';
import { channels } from '../../workflows/journey/channels.ts';
import type { JourneyContext } from '../../workflows/journey/context.ts';
import { DAY, MINUTE } from '../../workflows/journey/policy/policy.ts';
import type { QuietHours } from '../../workflows/journey/policy/policy.ts';
import { positionOf } from '../../workflows/journey/status/status.ts';
import type { ExploredState } from './state.ts';
import type { Change } from './apply-input.ts';

/** A property of every transition of a journey. */
export interface Property {
  readonly name: string;
  readonly statement: string;
  /** Whether the property says anything about this transition. */
  readonly concerns: (change: Change) => boolean;
  readonly holds: (change: Change) => boolean;
}

const contextOf = ({ journey }: ExploredState): JourneyContext => journey.snapshot.context;
const requestsSend = (change: Change, channel?: Channel) =>
  change.effects.some((effect) => effect.type === 'send' && (channel === undefined || effect.channel === channel));
const requestedSends = ({ effects }: Change) =>
  effects.flatMap((effect) => (effect.type === 'send' ? [effect.channel] : []));
const confirms = ({ effects }: Change) =>
  effects.flatMap((effect) => (effect.type === 'confirm' ? [effect.channel] : []));
const stepOf = ({ journey }: ExploredState) => positionOf(journey.snapshot).step;

/** The limits are counted here a second time, without the machine's own functions. */
export const properties: readonly Property[] = [
  {
    name: 'e-mail before SMS',
    statement: 'No SMS is requested before the e-mail address is verified.',
    concerns: (change) => requestsSend(change, 'sms'),
    holds: ({ after }) => contextOf(after).evidence.email !== null,
  },
  {
    name: 'record before SMS',
    statement:
      "After an operator's override of the e-mail address, no SMS is requested until the provider's record agrees.",
    concerns: (change) => requestsSend(change, 'sms'),
    holds: ({ after }) => contextOf(after).evidence.email !== 'operator' || contextOf(after).recordAgrees,
  },
  {
    name: 'send limits',
    statement:
      'A channel never gets more sends in ten minutes, or in a day, than the policy allows, including the requested one.',
    concerns: (change) => requestsSend(change) || change.move.kind === 'answer',
    holds: (change) => channels.every((channel) => isWithinLimits(change, channel)),
  },
  {
    name: 'cool-down',
    statement: 'No code is requested during the cool-down of the previous one.',
    concerns: (change) => requestsSend(change),
    holds: (change) =>
      requestedSends(change).every((channel) => cooldownEnd(contextOf(change.after), channel) <= change.at),
  },
  {
    name: 'automatic sends',
    statement:
      'No automatic code is sent to a user who has left, or in quiet hours. The exception is the reminder, which is for a user who has left.',
    concerns: (change) => requestsSend(change) && isAutomatic(change),
    holds: (change) => {
      const { before, at } = change;
      const { lastActiveAt, policy } = contextOf(before);
      const { notAfter, quietHours } = policy.automaticSends;
      const isAsleep = quietHours !== null && isQuiet(quietHours, at);
      // A user who has just verified the e-mail address is awake.
      return at - lastActiveAt <= notAfter && (change.move.kind === 'answer' || !isAsleep);
    },
  },
  {
    name: 'no send to a verified channel',
    statement: 'No code is requested for a verified channel.',
    concerns: (change) => requestsSend(change),
    holds: (change) => requestedSends(change).every((channel) => contextOf(change.after).evidence[channel] === null),
  },
  {
    name: 'one send at a time',
    statement: 'At most one send is in flight.',
    concerns: (change) => requestsSend(change),
    holds: ({ after }) => after.pending.sends <= 1,
  },
  {
    name: 'guess counted first',
    statement: 'A guess is counted exactly once, before the provider is asked to check it.',
    concerns: (change) => confirms(change).length > 0,
    holds: (change) =>
      confirms(change).every((channel) => {
        const [was, is] = [contextOf(change.before).guesses[channel], contextOf(change.after).guesses[channel]];
        return is.onChannel === was.onChannel + 1 && is.onCode === was.onCode + 1;
      }),
  },
  {
    name: 'guess limits',
    statement: 'Neither a code nor a channel gets more guesses than the policy allows.',
    concerns: (change) => change.move.kind === 'command' || change.move.kind === 'answer',
    holds: ({ after, at }) => channels.every((channel) => hasSoundGuesses(contextOf(after), channel, at)),
  },
  {
    name: 'locked by checked guesses',
    statement: 'Guesses with an unknown outcome do not lock a journey.',
    concerns: ({ after }) => stepOf(after) === 'locked',
    holds: ({ after }) => {
      const { guesses, policy, evidence } = contextOf(after);
      return guesses[evidence.email === null ? 'email' : 'sms'].onChannel >= policy.guesses.perChannel;
    },
  },
  {
    name: 'every reply is handled',
    statement: 'Every reply that can arrive is handled, whatever happened after the call.',
    concerns: (change) => change.move.kind === 'answer',
    holds: ({ before, after }) => after.journey.revision > before.journey.revision,
  },
  {
    name: 'expiry is suspended',
    statement: 'A journey does not expire while it is stalled or paused.',
    concerns: ({ after }) => stepOf(after) === 'stalled' || stepOf(after) === 'paused',
    holds: ({ after }) =>
      contextOf(after).expirySuspendedSince !== null &&
      !after.journey.timers.some(({ event }) => event.type.includes('.journeyLife.')),
  },
];

/** True if no person requested the send, but recovery, a delay other than the reminder and the cool-down, or the provider's record of the e-mail. */
function isAutomatic({ before, after, move }: Change): boolean {
  const becameVerified = contextOf(before).evidence.email === null && contextOf(after).evidence.email === 'provider';
  if (move.kind === 'answer') return becameVerified;
  const last = after.journey.log.at(-1)?.type ?? '';
  return [
    'recover',
    'after.automaticResendAfter',
    'after.quietHoursEnd',
    'after.sendLimit',
    'after.sendBudget',
  ].includes(last);
}

/** Compares minutes of the local day, independently of the machine. */
function isQuiet({ from, to, offsets: [{ minutes }] }: QuietHours, at: number): boolean {
  const local = new Date(at + minutes * MINUTE);
  const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/** The names of the properties that a transition breaks. */
export function brokenProperties(change: Change): string[] {
  return properties.filter((each) => each.concerns(change) && !each.holds(change)).map(({ name }) => name);
}

function sendsOf({ ledger }: JourneyContext, channel: Channel) {
  return ledger.filter((entry) => entry.channel === channel && ['sent', 'unknown'].includes(entry.outcome));
}

export function isWithinLimits(change: Change, channel: Channel): boolean {
  const context = contextOf(change.after);
  const { policy } = context;
  const sendCount = requestedSends(change).filter((each) => each === channel).length;
  const within = (span: number) =>
    sendsOf(context, channel).filter(({ at }) => at > change.at - span).length + sendCount;
  return within(10 * MINUTE) <= policy.sends.per10Minutes && within(DAY) <= policy.sends.perDay;
}

function cooldownEnd(context: JourneyContext, channel: Channel): number {
  const { cooldowns, firstEmail } = context.policy;
  const mailed = channel === 'email' && firstEmail === 'alreadySent' ? [context.startedAt] : [];
  const times = [...mailed, ...sendsOf(context, channel).map(({ at }) => at)];
  const last = times.at(-1);
  return last === undefined ? 0 : last + (cooldowns[Math.min(times.length, cooldowns.length) - 1] ?? 0);
}

export function hasSoundGuesses({ guesses, policy }: JourneyContext, channel: Channel, at: number): boolean {
  const { unknown, ...checked } = guesses[channel];
  const onCode = checked.onCode + unknown.onCode;
  const onChannel = checked.onChannel + (at < unknown.lastAt + DAY ? unknown.onChannel : 0);
  const isSound = (count: number, limit: number) => Number.isInteger(count) && count >= 0 && count <= limit;
  return isSound(onCode, policy.guesses.perCode) && isSound(onChannel, policy.guesses.perChannel);
}
