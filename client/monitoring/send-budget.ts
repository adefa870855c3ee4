import type { Channel } from '../../activities/contract.ts';
import { channels, forEachChannel } from '../../workflows/journey/channels.ts';
import { formatTime } from '../../workflows/journey/status/status.ts';
import { budgetOpensAt, budgetUse } from '../../workflows/provider-health/code-counts.ts';
import type { BudgetUse, SendBudget, Window } from '../../workflows/provider-health/code-counts.ts';
import { SendBudgetSpent } from '../errors.ts';
import type { ProviderHealth } from './provider-health.ts';

/** The use of one limit. `until`: when its hour or day ends, RFC 3339. */
export type LimitUse = Omit<BudgetUse, 'until'> & { readonly until: string };

/** The budget of sends of all journeys together, and its use in the current hour and day, as the workers have reported it. */
export type SendBudgetUse = { readonly [C in Channel]: { readonly [W in Window]: LimitUse } };

/** Computes the use of the budget. */
export function sendBudgetUse(budget: SendBudget, { codes }: Pick<ProviderHealth, 'codes'>): SendBudgetUse {
  const shown = (use: BudgetUse): LimitUse => ({ ...use, until: formatTime(use.until) });
  return forEachChannel((channel) => {
    const { hour, day } = budgetUse(budget, codes, channel);
    return { hour: shown(hour), day: shown(day) };
  });
}

/**
 * Rejects a request for a code if its budget is used up, before the journey is called.
 *
 * @param health `null` if it is unknown; the workers then decide
 * @param channelOf finds the channel that the code is for; called only if a budget is used up
 * @throws SendBudgetSpent
 */
export async function checkSendBudget(
  budget: SendBudget,
  health: Pick<ProviderHealth, 'codes'> | null,
  channelOf: () => Promise<Channel>,
): Promise<void> {
  if (health === null) return;
  const opensAt = (channel: Channel) => budgetOpensAt(budget, health.codes, channel);
  if (channels.every((channel) => opensAt(channel) === undefined)) return;
  const channel = await channelOf();
  const at = opensAt(channel);
  if (at !== undefined) throw new SendBudgetSpent(channel, new Date(at));
}
