import type { StateValueFrom } from 'xstate';
import type { Channel } from '../activities/contract.ts';

import type { AccountType, Context, Evidence, SendEntry, StallReason, Step } from './context.ts';
import { commandTypes } from './events.ts';
import type { Command, CommandType } from './events.ts';
import { countedSends, currentChannel, guessesLeft, sendLimitEndsAt, sendOpensAt } from './limits.ts';
import { onboarding } from './machine.ts';
import type { Journey, Snapshot } from './step.ts';

type Value = StateValueFrom<typeof onboarding>;
/** The states as everyone sees them: those of the machine's top level. */
export type State = Value extends infer V ? (V extends string ? V : keyof V) : never;
export const states = Object.keys(onboarding.states) as State[];

/** Whether a journey in this state has ended. */
export function isFinal(state: State): boolean {
  return onboarding.states[state]?.type === 'final';
}

export interface ChannelStatus {
  readonly status: 'waiting' | 'pending' | 'verified' | 'notNeeded';
  readonly evidence: Evidence | null;
  /** Sends that went out or may have. */
  readonly sends: number;
  readonly lastSend: { readonly outcome: SendEntry['outcome']; readonly at: string; readonly to: string | null } | null;
  readonly guessesLeft: number;
}

export interface StallStatus {
  readonly reason: StallReason;
  readonly since: string;
  readonly detail: string | null;
  readonly nextRetryAt: string | null;
}

/** What may be told the journey, and from when on; without `at`, now. */
export type Allowed = {
  readonly [C in CommandType]?: { readonly channel?: Channel; readonly at?: string };
};

/** A user's onboarding status. Times are RFC 3339 in UTC. */
export interface Status {
  readonly userId: string;
  readonly accountType: AccountType | null;
  readonly state: State;
  readonly step: Step | null;
  readonly revision: number | null;
  /** Whether the journey itself answered, or the server from what it knows while no worker runs. */
  readonly live: boolean;
  readonly startedAt: string;
  readonly updatedAt: string | null;
  readonly expiresAt: string | null;
  readonly email: ChannelStatus | null;
  readonly sms: ChannelStatus | null;
  readonly stalled: StallStatus | null;
  readonly allowed: Allowed | null;
}

/** The status of a journey, all of it computed from the machine's state. */
export function statusOf(journey: Journey): Status {
  const { context } = journey.snapshot;
  const { state, step } = placeOf(journey.snapshot);
  return {
    userId: context.userId,
    accountType: context.accountType,
    state,
    step,
    revision: journey.revision,
    live: true,
    startedAt: time(context.startedAt),
    updatedAt: time(journey.updatedAt),
    expiresAt: journey.snapshot.status === 'done' || context.heldSince !== null ? null : time(context.expiresAt),
    email: channelStatus(context, 'email', state),
    sms: channelStatus(context, 'sms', state),
    stalled: stallOf(journey.snapshot),
    allowed: allowedIn(journey.snapshot),
  };
}

/** Where the machine stands, in the two words that everyone sees. Finer states stay inside. */
export function placeOf({ value }: Pick<Snapshot, 'value'>): { state: State; step: Step | null } {
  if (typeof value === 'string') return { state: value, step: null };
  const [[state, inner]] = Object.entries(value) as [[State, string | object]];
  const step = typeof inner === 'string' ? inner : Object.keys(inner)[0];
  const resting = state === 'emailVerified' && step !== 'paused';
  return { state, step: resting ? null : (step as Step) };
}

/** Why a stalled journey is stalled; `null` in every other step. */
export function stallOf(snapshot: Snapshot): StallStatus | null {
  const { stall } = snapshot.context;
  if (stall === null || placeOf(snapshot).step !== 'stalled') return null;
  const opensAt = sendLimitEndsAt(snapshot.context, currentChannel(snapshot.context));
  const nextRetryAt = stall.reason === 'sendLimit' ? time(opensAt) : null;
  return { reason: stall.reason, since: time(stall.since), detail: stall.detail, nextRetryAt };
}

/** What the machine takes now, or will take without anything else happening: each command is put to the machine itself. */
export function allowedIn(snapshot: Snapshot): Allowed {
  const channel = currentChannel(snapshot.context);
  const opensAt = sendOpensAt(snapshot.context, channel);
  const takes = (type: CommandType, at = opensAt) => snapshot.can(probe(type, channel, at));
  const facts: { readonly [C in CommandType]: { channel?: Channel; at?: string } } = {
    submitCode: { channel },
    resend: { at: time(Math.max(opensAt, snapshot.context.startedAt)) },
    recheck: {},
    retry: takes('retry', 0) ? {} : { at: time(sendLimitEndsAt(snapshot.context, channel)) },
    pause: {},
    resume: {},
    cancel: {},
    override: { channel },
  };
  return Object.fromEntries(commandTypes.filter((type) => takes(type)).map((type) => [type, facts[type]]));
}

function probe(type: CommandType, channel: Channel, at: number): Command {
  return { type, channel, at, code: '', by: { role: 'operator', name: '' }, reason: null };
}

function channelStatus(context: Context, channel: Channel, state: State): ChannelStatus {
  const last = context.ledger.findLast((entry) => entry.channel === channel);
  return {
    status: progressOf(context, channel, state),
    evidence: context.evidence[channel],
    sends: countedSends(context, channel).length,
    lastSend: last === undefined ? null : { outcome: last.outcome, at: time(last.at), to: last.to },
    guessesLeft: guessesLeft(context, channel),
  };
}

function progressOf(context: Context, channel: Channel, state: State): ChannelStatus['status'] {
  if (context.evidence[channel] !== null) return 'verified';
  if (channel === 'sms' && context.accountType === 'business') return 'notNeeded';
  if (channel === 'sms' && (state === 'emailPending' || state === 'emailVerified')) return 'waiting';
  return channel === currentChannel(context) ? 'pending' : 'waiting';
}

/** Milliseconds since 1970 as RFC 3339. */
export function time(at: number): string {
  return new Date(at).toISOString();
}
