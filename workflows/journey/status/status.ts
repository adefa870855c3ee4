import type { Channel } from '../../../activities/contract.ts';
import type { JourneyContext, Step } from '../context.ts';
import { recheckOpensAt } from '../limits/command-limits.ts';
import { forEachChannel, isNeeded } from '../channels.ts';
import { commands, commandTypes } from '../commands.ts';
import type { CommandType } from '../commands.ts';
import type { Command } from '../events.ts';
import {
  countedSends,
  currentChannel,
  guessesLeft,
  guessesOpenAt,
  sendLimitEndsAt,
  sendOpensAt,
} from '../limits/limits.ts';
import { supersessionOf } from '../stored/log.ts';
import type { LogEntry } from '../stored/log.ts';
import type { StateMeta } from '../machine/meta.ts';
import { isFinal, stateFacts } from '../states.ts';
import type { State } from '../states.ts';
import type { Allowed, ChannelStatus, StallStatus, Status } from './status-schema.ts';
import type { Journey, Snapshot } from '../transition.ts';
import { escapeText } from './text.ts';

export { isFinal, stateFacts, states } from '../states.ts';
export type { State } from '../states.ts';
export type { Allowed, ChannelStatus, StallStatus, Status } from './status-schema.ts';

/** The status of a journey, all of it computed from the machine's state. */
export function statusOf(journey: Journey): Status {
  const { context } = journey.snapshot;
  const { state, step } = positionOf(journey.snapshot);
  return {
    userId: context.userId,
    accountType: context.accountType,
    state,
    step,
    revision: journey.revision,
    live: true,
    startedAt: formatTime(context.startedAt),
    updatedAt: formatTime(journey.updatedAt),
    expiresAt:
      journey.snapshot.status === 'done' || context.expirySuspendedSince !== null
        ? null
        : formatTime(context.expiresAt),
    ...forEachChannel((channel) => channelStatus(context, channel, state)),
    stalled: stallStatusOf(journey.snapshot),
    provider: providerStatusOf(journey.log),
    offered: offeredIn(context),
    ...linksOf(journey.log),
    allowed: withRecheckLimit(allowedIn(journey.snapshot), journey),
  };
}

/** The public state and step of the machine, as the `meta` of its active states has them. Finer states are internal. */
export function positionOf(snapshot: Pick<Snapshot, 'getMeta'>): { state: State; step: Step | null } {
  const metas = Object.values(snapshot.getMeta()) as readonly (StateMeta | undefined)[];
  const state = metas.find((meta) => meta !== undefined && 'state' in meta);
  const step = metas.find((meta) => meta !== undefined && 'step' in meta);
  if (state === undefined || !('state' in state))
    throw new Error('the active states of the machine have no public state');
  return { state: state.state as State, step: step !== undefined && 'step' in step ? step.step : null };
}

/** Why a stalled journey is stalled; `null` in every other step. */
export function stallStatusOf(snapshot: Snapshot): StallStatus | null {
  const { stall } = snapshot.context;
  if (stall === null || positionOf(snapshot).step !== 'stalled') return null;
  const isSendLimit = stall.reason === 'sendLimit';
  const opensAt = isSendLimit ? sendLimitEndsAt(snapshot.context, currentChannel(snapshot.context)) : stall.until;
  const nextRetryAt = opensAt === undefined ? null : formatTime(opensAt);
  return {
    reason: stall.reason,
    since: formatTime(stall.since),
    detail: stall.detail === null ? null : escapeText(stall.detail),
    nextRetryAt,
  };
}

/** What the provider's record said when it was last read. */
function providerStatusOf(log: readonly LogEntry[]): Status['provider'] {
  for (const entry of log.toReversed()) {
    if (!('record' in entry) || entry.record.provider === undefined) continue;
    const { status, open } = entry.record.provider;
    return { status, open: [...open], asOf: formatTime(entry.at) };
  }
  return null;
}

/** The journeys of the same person under other user ids. */
function linksOf(log: readonly LogEntry[]): Pick<Status, 'supersededBy' | 'supersedes'> {
  const started = log.find((entry) => entry.type === 'restarted' && entry.supersedes !== undefined);
  return {
    supersededBy: supersessionOf(log)?.supersededBy ?? null,
    supersedes: started?.type === 'restarted' ? (started.supersedes ?? null) : null,
  };
}

function offeredIn({ channel, offeredSince }: JourneyContext): Status['offered'] {
  return offeredSince === null ? null : { channel, since: formatTime(offeredSince) };
}

/** What the machine takes now, or will take without anything else happening: each command is tried on the machine itself. */
export function allowedIn(snapshot: Snapshot): Allowed {
  const channel = currentChannel(snapshot.context);
  const opensAt = sendOpensAt(snapshot.context, channel);
  const guessesOpen = guessesOpenAt(snapshot.context, channel);
  const takes = (type: CommandType, at = type === 'submitCode' ? guessesOpen : opensAt) =>
    snapshot.can(probeCommand(type, channel, at));
  const times: { readonly [C in CommandType]?: number } = {
    ...(guessesOpen > 0 && { submitCode: guessesOpen }),
    resend: Math.max(opensAt, snapshot.context.startedAt),
    ...(!takes('retry', 0) && { retry: sendLimitEndsAt(snapshot.context, channel) }),
  };
  const entryOf = (type: CommandType) => {
    const at = times[type];
    return {
      ...(commands[type].channel === 'required' && { channel }),
      ...(at !== undefined && { at: formatTime(at) }),
    };
  };
  return Object.fromEntries(commandTypes.filter((type) => takes(type)).map((type) => [type, entryOf(type)]));
}

function withRecheckLimit(allowed: Allowed, journey: Journey): Allowed {
  if (allowed.recheck === undefined) return allowed;
  const opensAt = recheckOpensAt(journey);
  return opensAt > journey.updatedAt ? { ...allowed, recheck: { at: formatTime(opensAt) } } : allowed;
}

function probeCommand(type: CommandType, channel: Channel, at: number): Command {
  return { type, channel, at, code: '', by: { role: 'operator', name: '' }, reason: null };
}

function channelStatus(context: JourneyContext, channel: Channel, state: State): ChannelStatus {
  const last = context.ledger.findLast((entry) => entry.channel === channel);
  return {
    status: channelProgress(context, channel, state),
    evidence: context.evidence[channel],
    sends: countedSends(context, channel).length,
    lastSend: last === undefined ? null : { outcome: last.outcome, at: formatTime(last.at), to: last.to },
    guessesLeft: guessesLeft(context, channel),
  };
}

function channelProgress(context: JourneyContext, channel: Channel, state: State): ChannelStatus['status'] {
  if (context.evidence[channel] !== null) return 'verified';
  if (!isNeeded(channel, context.accountType)) return 'notNeeded';
  const isDue = isFinal(state) ? channel === currentChannel(context) : channel === stateFacts[state].channel;
  return isDue ? 'pending' : 'waiting';
}

/** Milliseconds since 1970 as RFC 3339. */
export function formatTime(at: number): string {
  return new Date(at).toISOString();
}
