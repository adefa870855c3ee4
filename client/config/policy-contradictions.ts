import { channels } from '../../workflows/journey/channels.ts';
import ms from 'ms';
import type { Settings } from './settings.ts';

/** Two values of a policy that contradict each other. */
export interface Contradiction {
  /** The key of the policy file. */
  readonly key:
    'sends' | 'guesses' | 'reminderAfter' | 'retrySendFor' | 'rates' | 'recovery' | 'sendBudget' | 'automaticSends';
  readonly problem: string;
}

/**
 * Finds values that are valid by themselves but contradict each other. Missing keys take part with their defaults.
 *
 * @param maxPerSecond requests per second that the provider accepts from one IP address
 */
export function findContradictions(
  {
    policy,
    quietHours,
    rates,
    recovery,
    sendBudget,
  }: Pick<Settings, 'policy' | 'quietHours' | 'rates' | 'recovery' | 'sendBudget'>,
  maxPerSecond: number,
): readonly Contradiction[] {
  const { sends, guesses, reminderAfter, retrySendFor, journeyLife } = policy;
  const life = `journeyLife (${long(journeyLife)})`;
  const checks: (readonly [boolean, Contradiction['key'], string])[] = [
    [
      sends.per10Minutes > sends.perDay,
      'sends',
      `is wrong at sends: per10Minutes (${sends.per10Minutes}) is above perDay (${sends.perDay})`,
    ],
    [
      guesses.perCode > guesses.perChannel,
      'guesses',
      `is wrong at guesses: perCode (${guesses.perCode}) is above perChannel (${guesses.perChannel})`,
    ],
    [
      reminderAfter >= journeyLife,
      'reminderAfter',
      `is wrong at reminderAfter: it (${long(reminderAfter)}) must be shorter than ${life}`,
    ],
    [
      retrySendFor >= journeyLife,
      'retrySendFor',
      `is wrong at retrySendFor: it (${long(retrySendFor)}) must be shorter than ${life}`,
    ],
    [
      quietHours !== null && quietHours.from === quietHours.to,
      'automaticSends',
      'is wrong at automaticSends.quietHours: from and to are the same time',
    ],
    [recovery.perSecond > recovery.upToPerSecond, 'recovery', 'is wrong at recovery: perSecond is above upToPerSecond'],
    [
      rates.sendsPerSecond + rates.checksPerSecond > maxPerSecond,
      'rates',
      `is wrong at rates: sendsPerSecond and checksPerSecond together exceed ${maxPerSecond}`,
    ],
  ];
  for (const channel of channels) {
    const { perHour, perDay } = sendBudget[channel];
    const problem = `is wrong at sendBudget.${channel}: perHour (${perHour}) is above perDay (${perDay})`;
    checks.push([perHour > perDay, 'sendBudget', problem]);
  }
  return checks.flatMap(([isWrong, key, problem]) => (isWrong ? [{ key, problem }] : []));
}

const long = (milliseconds: number) => ms(milliseconds, { long: true });
