import { opensAt } from '../../workflows/engine/core/command-counter.ts';
import type { Actor } from '../../workflows/journey/actor.ts';
import { commandLimitsOf } from '../../workflows/journey/limits/command-limits.ts';
import type { CommandLimits, Policy } from '../../workflows/journey/policy/policy.ts';

interface AcceptedCommand {
  readonly type: string;
  readonly at: number;
  readonly by: Actor;
}

const isRecheck = ({ type }: Pick<AcceptedCommand, 'type'>) => type === 'recheck';

/** Counts the commands of a journey, which its policy limits by the minute. */
export class CommandRates {
  readonly #times = new Map<string, number[]>();

  count({ type, at, by }: AcceptedCommand): void {
    this.#add(by.role, at);
    if (isRecheck({ type })) this.#add('recheck', at);
  }

  /** Whether a policy refuses a command after those that were counted before. */
  refuses({ type, at, by }: AcceptedCommand, policy: Policy): boolean {
    const { perMinute, rechecksPerMinute } = commandLimitsOf(policy);
    const isUnlimited = by.role === 'onward' || type === 'cancel';
    if (!isUnlimited && this.#opensAt(by.role, perMinute) > at) return true;
    return isRecheck({ type }) && this.#opensAt('recheck', rechecksPerMinute) > at;
  }

  /**
   * Returns when another policy first allows more commands than the journey's own, between two events.
   *
   * @returns milliseconds since 1970; `undefined` if it does not
   */
  allowedSooner(
    [own, other]: readonly [Policy, Policy],
    { from, to }: { readonly from: number; readonly to: number },
  ): number | undefined {
    const [limits, others] = [commandLimitsOf(own), commandLimitsOf(other)];
    const times = [...this.#times.keys()].flatMap((group) => {
      const limit: keyof CommandLimits = group === 'recheck' ? 'rechecksPerMinute' : 'perMinute';
      const at = Math.max(from, this.#opensAt(group, others[limit]));
      return at < Math.min(to, this.#opensAt(group, limits[limit])) ? [at] : [];
    });
    return times.length === 0 ? undefined : Math.min(...times);
  }

  #opensAt(group: string, limit: number): number {
    return opensAt(this.#times.get(group) ?? [], limit);
  }

  #add(group: string, at: number): void {
    this.#times.set(group, [...(this.#times.get(group) ?? []), at]);
  }
}
