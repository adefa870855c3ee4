import type { Channel, ReplyKind } from '../../activities/contract.ts';
import { forEachChannel } from '../journey/channels.ts';
import { DAY, HOUR } from '../journey/policy/policy.ts';

/** Codes that were sent, or may have been, by channel. */
export type CodeCounts = { readonly [C in Channel]: number };

/** The codes of one clock hour or one day of UTC. */
export interface CodeWindow extends CodeCounts {
  /** When it begins, in milliseconds since 1970. */
  readonly from: number;
}

/** The codes of all workers in the current hour and day. */
export type CodeTotals = { readonly [W in Window]: CodeWindow };

/** The lengths of the windows in milliseconds. */
export const windows = { hour: HOUR, day: DAY } as const;
export type Window = keyof typeof windows;

/** The most codes of all journeys together, by channel. */
export type SendBudget = { readonly [C in Channel]: { readonly perHour: number; readonly perDay: number } };

export const noCodes: CodeCounts = forEachChannel(() => 0);

/** Whether a request for a code with this reply may have sent one. */
export const mayHaveSent: { readonly [K in ReplyKind]: boolean } = {
  '2xx': true,
  '3xx': true,
  '5xx': true,
  unreadable: true,
  unknown: true,
  already_verified: false,
  unknown_record: false,
  '401': false,
  '429': false,
  '4xx': false,
  unreached: false,
  other_provider: false,
};

export function addCodes(a: Partial<CodeCounts>, b: Partial<CodeCounts>): CodeCounts {
  // Counts of a release that did not know a channel do not contain it.
  return forEachChannel((channel) => (a[channel] ?? 0) + (b[channel] ?? 0));
}

/** Adds codes to the windows of a time. A window that is over begins again. */
export function countCodes(totals: CodeTotals | undefined, codes: CodeCounts, at: number): CodeTotals {
  const current = totalsAt(totals, at);
  return {
    hour: { ...current.hour, ...addCodes(current.hour, codes) },
    day: { ...current.day, ...addCodes(current.day, codes) },
  };
}

/** The totals at a time: windows that are over count nothing. After a clock was set back, the newest window continues. */
export function totalsAt(totals: CodeTotals | undefined, at: number): CodeTotals {
  const windowOf = (name: Window): CodeWindow => {
    const from = Math.floor(at / windows[name]) * windows[name];
    const known = totals?.[name];
    return known === undefined || known.from < from ? { from, ...noCodes } : { ...noCodes, ...known };
  };
  return { hour: windowOf('hour'), day: windowOf('day') };
}

/** One limit of the budget and its use. */
export interface BudgetUse {
  readonly sent: number;
  readonly limit: number;
  /** When the window ends, in milliseconds since 1970. */
  readonly until: number;
}

/** The use of a channel's budget. */
export function budgetUse(
  budget: SendBudget,
  totals: CodeTotals,
  channel: Channel,
): { readonly [W in Window]: BudgetUse } {
  const { perHour, perDay } = budget[channel];
  const use = (name: Window, limit: number) => ({
    sent: totals[name][channel],
    limit,
    until: totals[name].from + windows[name],
  });
  return { hour: use('hour', perHour), day: use('day', perDay) };
}

/** When a channel's budget leaves room again, in milliseconds since 1970; `undefined` if it does now. */
export function budgetOpensAt(budget: SendBudget, totals: CodeTotals, channel: Channel): number | undefined {
  const usedUp = Object.values(budgetUse(budget, totals, channel)).filter(({ sent, limit }) => sent >= limit);
  return usedUp.length === 0 ? undefined : Math.max(...usedUp.map(({ until }) => until));
}
