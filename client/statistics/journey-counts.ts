import type { Channel } from '../../activities/contract.ts';
import { attributeKeys, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import { accountTypes } from '../../workflows/journey/account-types.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import { channels, forEachChannel, isNeeded } from '../../workflows/journey/channels.ts';
import { stateFacts, states } from '../../workflows/journey/states.ts';
import { isFinal } from '../../workflows/journey/status/status.ts';
import { executionStatusesOf, finalStates } from '../journeys/closed-journey.ts';
import type { FinalState } from '../journeys/closed-journey.ts';
import type { CachedCounts } from './cached-counts.ts';
import { findPercentile } from './percentiles.ts';
import type { Span } from './period.ts';

/** The counts of journeys over time, by visibility. An ended journey keeps the last state of its search attribute, in which it was open. */

/** The journeys that signed up in a span, and how far they have come by now. */
export interface Cohort {
  readonly signUps: number;
  /** Those with this channel verified. */
  readonly verified: { readonly [C in Channel]: number };
  readonly done: number;
}

/** The journeys that ended in a span, by final state. */
export type Ends = { readonly [S in FinalState]: number };

export interface TimeToVerified {
  /** The journeys that were verified in the span. */
  readonly count: number;
  /** Milliseconds from the sign-up; `null` if there are none. */
  readonly p50: number | null;
  readonly p95: number | null;
}

const JOURNEYS = `WorkflowType = '${WORKFLOW_TYPE}'`;
const done = executionStatusesOf('done');

/** Counts the journeys of an account type that signed up in a span. */
export async function countCohort(counts: CachedCounts, span: Span, type: AccountType): Promise<Cohort> {
  const signedUp = [JOURNEYS, within('StartTime', span), `${attributeKeys.account.name} = '${type}'`].join(' AND ');
  const byStatus = await counts.byStatus(`${signedUp} AND ExecutionStatus != 'ContinuedAsNew'`, span);
  const completed = byStatus.of(done);
  const verified = channels.map(async (channel) => {
    if (!isNeeded(channel, type) || byStatus.total === 0) return [channel, 0] as const;
    const later = statesAfter(channel);
    if (later.length === 0 || byStatus.total === completed) return [channel, completed] as const;
    const ended = ['ContinuedAsNew', ...done].map((name) => `'${name}'`).join(', ');
    const query = `${signedUp} AND ExecutionStatus NOT IN (${ended}) AND ${attributeKeys.state.name} IN (${later.join(', ')})`;
    return [channel, completed + (await counts.count(query, span))] as const;
  });
  return {
    signUps: byStatus.total,
    verified: Object.fromEntries(await Promise.all(verified)) as Cohort['verified'],
    done: completed,
  };
}

/** Counts the journeys that ended in a span. */
export async function countEnds(counts: CachedCounts, span: Span): Promise<Ends> {
  const query = `${JOURNEYS} AND ${within('CloseTime', span)} AND ExecutionStatus != 'ContinuedAsNew'`;
  const byStatus = await counts.byStatus(query, span);
  const counted = finalStates.map((state) => [state, byStatus.of(executionStatusesOf(state))] as const);
  return Object.fromEntries(counted) as Ends;
}

/** Finds how long the journeys took that were verified in a span, by counting those that took at most a given time. */
export async function measureTimeToVerified(
  counts: CachedCounts,
  span: Span,
  type: AccountType,
): Promise<TimeToVerified> {
  const statuses = done.map((name) => `'${name}'`).join(', ');
  const account = `${attributeKeys.account.name} = '${type}'`;
  const query = [JOURNEYS, within('CloseTime', span), account, `ExecutionStatus IN (${statuses})`].join(' AND ');
  const count = await counts.count(query, span);
  const countUpTo = (milliseconds: number) =>
    counts.count(`${query} AND ExecutionDuration <= '${milliseconds}ms'`, span);
  const [p50, p95] = await Promise.all([0.5, 0.95].map((share) => findPercentile(share, count, countUpTo)));
  return { count, p50: p50 ?? null, p95: p95 ?? null };
}

export function addCohorts(cohorts: readonly Cohort[]): Cohort {
  const sum = (of: (cohort: Cohort) => number) => cohorts.reduce((total, cohort) => total + of(cohort), 0);
  return {
    signUps: sum(({ signUps }) => signUps),
    verified: forEachChannel((channel) => sum(({ verified }) => verified[channel])),
    done: sum((cohort) => cohort.done),
  };
}

/** Calls a function for each account type. */
export async function forEachAccountType<T>(load: (type: AccountType) => Promise<T>) {
  const loaded = accountTypes.map(async (type) => [type, await load(type)] as const);
  return Object.fromEntries(await Promise.all(loaded)) as { readonly [T0 in AccountType]: T };
}

/** The open states in which the channel is verified, quoted. */
function statesAfter(channel: Channel): readonly string[] {
  const pending = states.find((state) => stateFacts[state].channel === channel);
  const order = pending === undefined ? Infinity : stateFacts[pending].order;
  return states.filter((state) => !isFinal(state) && stateFacts[state].order > order).map((state) => `'${state}'`);
}

function within(attribute: 'StartTime' | 'CloseTime', { from, to }: Span): string {
  const [first, end] = [from, to].map((at) => new Date(at).toISOString());
  return `${attribute} >= '${first}' AND ${attribute} < '${end}'`;
}
