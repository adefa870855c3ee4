import type { Channel } from '../../activities/contract.ts';
import { channels } from '../../workflows/context.ts';
import type { Context } from '../../workflows/context.ts';
import { DAY, MINUTE } from '../../workflows/policy.ts';
import { placeOf } from '../../workflows/status.ts';
import type { Place } from './place.ts';
import type { Change } from './take.ts';

/** A promise about every change of a journey. */
export interface Property {
  readonly name: string;
  readonly statement: string;
  /** Whether the promise says anything about this change. */
  readonly concerns: (change: Change) => boolean;
  readonly holds: (change: Change) => boolean;
}

const memory = ({ journey }: Place): Context => journey.snapshot.context;
const asks = (change: Change, channel?: Channel) =>
  change.effects.some((effect) => effect.type === 'send' && (channel === undefined || effect.channel === channel));
const askedFor = ({ effects }: Change) => effects.flatMap((effect) => (effect.type === 'send' ? [effect.channel] : []));
const confirms = ({ effects }: Change) =>
  effects.flatMap((effect) => (effect.type === 'confirm' ? [effect.channel] : []));
const stepOf = ({ journey }: Place) => placeOf(journey.snapshot).step;

/** What is promised of every change. The limits are counted here anew, by none of the machine's own functions. */
export const properties: readonly Property[] = [
  {
    name: 'e-mail first',
    statement: 'No sms is asked for before the e-mail is verified.',
    concerns: (change) => asks(change, 'sms'),
    holds: ({ after }) => memory(after).evidence.email !== null,
  },
  {
    name: 'agreed first',
    statement: "No sms is asked for on an operator's word alone: the provider's record has to agree about the e-mail.",
    concerns: (change) => asks(change, 'sms'),
    holds: ({ after }) => memory(after).evidence.email !== 'operator' || memory(after).recordAgrees,
  },
  {
    name: 'send limits',
    statement:
      'A channel never gets more sends in ten minutes, or in a day, than the policy allows, the one that is asked for included.',
    concerns: (change) => asks(change) || change.move.kind === 'answer',
    holds: (change) => channels.every((channel) => isWithinLimits(change, channel)),
  },
  {
    name: 'cool-down',
    statement: 'No code is asked for in the cool-down of the one before.',
    concerns: (change) => asks(change),
    holds: (change) => askedFor(change).every((channel) => cooldownEnd(memory(change.after), channel) <= change.at),
  },
  {
    name: 'verified is verified',
    statement: 'Nothing is sent to a channel that is verified.',
    concerns: (change) => asks(change),
    holds: (change) => askedFor(change).every((channel) => memory(change.after).evidence[channel] === null),
  },
  {
    name: 'one send',
    statement: 'No two sends are in flight.',
    concerns: (change) => asks(change),
    holds: ({ after }) => after.asked.sends <= 1,
  },
  {
    name: 'counted first',
    statement: 'A guess is counted, once, before it is asked.',
    concerns: (change) => confirms(change).length > 0,
    holds: (change) =>
      confirms(change).every((channel) => {
        const [was, is] = [memory(change.before).guesses[channel], memory(change.after).guesses[channel]];
        return is.onChannel === was.onChannel + 1 && is.onCode === was.onCode + 1;
      }),
  },
  {
    name: 'guess limits',
    statement: 'No code and no channel gets more guesses than the policy allows.',
    concerns: (change) => change.move.kind === 'command' || change.move.kind === 'answer',
    holds: ({ after }) => channels.every((channel) => hasSoundGuesses(memory(after), channel)),
  },
  {
    name: 'heard',
    statement: 'Every answer that can come is listened for, whatever has happened since it was asked for.',
    concerns: (change) => change.move.kind === 'answer',
    holds: ({ before, after }) => after.journey.revision > before.journey.revision,
  },
  {
    name: 'life stands still',
    statement: 'The life of a journey does not run out while it is stalled or paused.',
    concerns: ({ after }) => stepOf(after) === 'stalled' || stepOf(after) === 'paused',
    holds: ({ after }) =>
      memory(after).heldSince !== null && !after.journey.timers.some(({ event }) => event.includes('.journeyLife.')),
  },
];

/** The promises that a change breaks, by name. */
export function brokenBy(change: Change): string[] {
  return properties.filter((each) => each.concerns(change) && !each.holds(change)).map(({ name }) => name);
}

function sendsOf({ ledger }: Context, channel: Channel) {
  return ledger.filter((entry) => entry.channel === channel && ['sent', 'unknown'].includes(entry.outcome));
}

function isWithinLimits(change: Change, channel: Channel): boolean {
  const context = memory(change.after);
  const { policy } = context;
  const asked = askedFor(change).filter((each) => each === channel).length;
  const within = (span: number) => sendsOf(context, channel).filter(({ at }) => at > change.at - span).length + asked;
  return within(10 * MINUTE) <= policy.sends.per10Minutes && within(DAY) <= policy.sends.perDay;
}

function cooldownEnd(context: Context, channel: Channel): number {
  const { cooldowns, firstEmail } = context.policy;
  const mailed = channel === 'email' && firstEmail === 'alreadySent' ? [context.startedAt] : [];
  const times = [...mailed, ...sendsOf(context, channel).map(({ at }) => at)];
  const last = times.at(-1);
  return last === undefined ? 0 : last + (cooldowns[Math.min(times.length, cooldowns.length) - 1] ?? 0);
}

function hasSoundGuesses({ guesses, policy }: Context, channel: Channel): boolean {
  const { onCode, onChannel } = guesses[channel];
  const isSound = (count: number, limit: number) => Number.isInteger(count) && count >= 0 && count <= limit;
  return isSound(onCode, policy.guesses.perCode) && isSound(onChannel, policy.guesses.perChannel);
}
