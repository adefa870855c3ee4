import { opensAt } from '../../engine/core/command-counter.ts';
import { defaultCommandLimits } from '../policy/policy.ts';
import type { CommandLimits, Policy } from '../policy/policy.ts';
import type { LogEntry } from '../stored/log.ts';
import type { Journey } from '../transition.ts';

/** The limits of a journey. One that an older release began has the defaults. */
export function commandLimitsOf({ commands = defaultCommandLimits }: Pick<Policy, 'commands'>): CommandLimits {
  return commands;
}

const isRecheck = ({ type }: LogEntry) => type === 'recheck';

/** When the journey's limit allows another recheck, in milliseconds since 1970. The log contains the rechecks of earlier runs too. */
export function recheckOpensAt({ log, snapshot }: Pick<Journey, 'log' | 'snapshot'>): number {
  const { rechecksPerMinute } = commandLimitsOf(snapshot.context.policy);
  return opensAt(
    log.filter(isRecheck).map(({ at }) => at),
    rechecksPerMinute,
  );
}
