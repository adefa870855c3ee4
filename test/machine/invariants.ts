import type { Channel } from '../../activities/contract.ts';
import { channels } from '../../workflows/context.ts';
import type { Context } from '../../workflows/context.ts';
import { countedSends } from '../../workflows/limits.ts';
import { DAY, MINUTE } from '../../workflows/policy.ts';
import type { Effect, Journey, Step } from '../../workflows/step.ts';

/** What a step of the machine has done wrong; an empty list is as it must be. */
export function faults(before: Journey, { journey, effects }: Step): string[] {
  const was = before.snapshot.context;
  const is = journey.snapshot.context;
  return [
    ...effects.flatMap((effect) => [...sendFaults(effect, is), ...guessFaults(effect, was, is)]),
    ...(sendsInFlight(before, { journey, effects }) > 1 ? ['two sends in flight'] : []),
    ...channels.flatMap((channel) => [...limitFaults(is, channel), ...counterFaults(is, channel)]),
  ];
}

function sendFaults(effect: Effect, { evidence }: Context): string[] {
  if (effect.type !== 'send') return [];
  return [
    ...(effect.channel === 'sms' && evidence.email === null ? ['a text before the e-mail is verified'] : []),
    ...(evidence[effect.channel] !== null ? [`a send to the verified ${effect.channel}`] : []),
  ];
}

function guessFaults(effect: Effect, was: Context, is: Context): string[] {
  if (effect.type !== 'confirm') return [];
  const counted = is.guesses[effect.channel].onChannel - was.guesses[effect.channel].onChannel;
  return counted === 1 ? [] : [`a guess that was counted ${counted} times before it was asked`];
}

const sendAnswers: ReadonlySet<string> = new Set([
  'codeSent',
  'sendAlreadyVerified',
  'sendRefused',
  'sendUnreached',
  'sendRateLimited',
  'sendCredentials',
  'sendUnknown',
  'sendStopped',
]);

/** A send is in flight from its effect until its answer. */
function sendsInFlight({ snapshot, log }: Journey, { journey, effects }: Step): number {
  const asked = ['"sending":"asking"', '"sending":"stopping"', '"trying":"asking"'].some((inner) =>
    JSON.stringify(snapshot.value).includes(inner),
  );
  const answered = journey.log.slice(log.length).some(({ what }) => sendAnswers.has(what));
  return Number(asked && !answered) + effects.filter(({ type }) => type === 'send').length;
}

function limitFaults(context: Context, channel: Channel): string[] {
  const times = countedSends(context, channel).map(({ at }) => at);
  const most = (span: number) =>
    Math.max(0, ...times.map((end) => times.filter((at) => at > end - span && at <= end).length));
  const { per10Minutes, perDay } = context.policy.sends;
  return [
    ...(most(10 * MINUTE) > per10Minutes ? [`too many sends by ${channel} in ten minutes`] : []),
    ...(most(DAY) > perDay ? [`too many sends by ${channel} in a day`] : []),
  ];
}

function counterFaults(context: Context, channel: Channel): string[] {
  const { onCode, onChannel, lastAt } = context.guesses[channel];
  const { perCode, perChannel } = context.policy.guesses;
  const counters = { onCode, onChannel, lastAt, expiresAt: context.expiresAt };
  return [
    ...Object.entries(counters)
      .filter(([, value]) => !Number.isInteger(value) || value < 0)
      .map(([name, value]) => `${name} is ${JSON.stringify(value)}`),
    ...(onCode > perCode ? ['more guesses than a code allows'] : []),
    ...(onChannel > perChannel ? ['more guesses than a channel allows'] : []),
  ];
}
