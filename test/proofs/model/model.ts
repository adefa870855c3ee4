import type { Step, SendReason } from '../../../workflows/journey/context.ts';
import type { AccountType } from '../../../workflows/journey/account-types.ts';
import type { StallReason } from '../../../workflows/journey/stall-reasons.ts';
import type { JourneyEvent } from '../../../workflows/journey/events.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';

/** A second implementation of a journey, written from the rules in the documentation and not from the machine. */

export type Channel = 'email' | 'sms';

interface ChannelState {
  /** `until`: how long a provider that was out of service is called again. */
  sends: { at: number; unknown: boolean; why: SendReason; until?: number }[];
  onCode: number;
  onChannel: number;
  /** Guesses with an unknown outcome: the provider may have checked them. */
  unknownOnCode: number;
  unknown: number[];
  verified: 'operator' | 'provider' | null;
  reminded: boolean;
}

/** What a journey waits for: its user, time, an answer, an operator. */
type Wait = 'user' | 'coolDown' | 'send' | 'stoppedSend' | 'code' | 'recordOfCode' | 'recordForText' | 'recheck';

export interface Model {
  readonly accountType: AccountType;
  readonly policy: Policy;
  readonly startedAt: number;
  now: number;
  state: 'emailPending' | 'emailVerified' | 'smsPending' | 'done' | 'expired' | 'cancelled';
  step: Step | null;
  wait: Wait;
  /** Since when the journey has been in this step. */
  since: number;
  readonly email: ChannelState;
  readonly sms: ChannelState;
  /** Why a send is due; attempts without a reply are one send. */
  dueSend: SendReason | null;
  stall: StallReason | null;
  /** When the budget of all journeys leaves room again. */
  budgetAvailableAt: number;
  recordAgrees: boolean;
  resumeTo: 'sending' | 'awaitingCode' | 'locked' | 'stalled' | 'verified';
  afterStop: 'paused' | 'cancelled';
  /** When the user last did something, and since when a code is offered to them. */
  lastActiveAt: number;
  offeredSince: number | null;
  expiresAt: number;
  expirySuspendedSince: number | null;
  /** Whether recovery is making an attempt: the status still says that the journey is stalled. */
  isRecovering: boolean;
}

const newChannel = (): ChannelState => ({
  sends: [],
  onCode: 0,
  onChannel: 0,
  unknownOnCode: 0,
  unknown: [],
  verified: null,
  reminded: false,
});

export const due = (m: Model): Channel => (m.email.verified === null ? 'email' : 'sms');
export const guessesLeft = (
  { policy: { guesses } }: Model,
  { onCode, onChannel, unknownOnCode, unknown }: ChannelState,
) => Math.max(0, Math.min(guesses.perCode - onCode - unknownOnCode, guesses.perChannel - onChannel - unknown.length));
/** Guesses with an unknown outcome count until a day after the last of them. */
export const held = ({ now }: Model, { unknown }: ChannelState) =>
  now >= (unknown.at(-1) ?? 0) + 86_400_000 ? [] : unknown;
const isMailed = (m: Model) => due(m) === 'email' && m.policy.firstEmail === 'alreadySent';
export const hasCode = (m: Model) => isMailed(m) || m[due(m)].sends.length > 0;
const needsRecord = (m: Model) => m.email.verified === 'operator' && !m.recordAgrees;
export const isRecoverable = (m: Model) =>
  m.stall === 'providerUnavailable' ||
  m.stall === 'credentials' ||
  m.stall === 'rateLimited' ||
  m.stall === 'unknownUser';

/** When the limits allow another send. */
export function limitEnd(m: Model): number {
  const { per10Minutes, perDay } = m.policy.sends;
  const { sends } = m[due(m)];
  return Math.max(
    (sends.at(-per10Minutes)?.at ?? -Infinity) + 600_000,
    (sends.at(-perDay)?.at ?? -Infinity) + 86_400_000,
  );
}

export function coolDownEnd(m: Model): number {
  const times = [...(isMailed(m) ? [m.startedAt] : []), ...m[due(m)].sends.map(({ at }) => at)];
  const { cooldowns } = m.policy;
  return (times.at(-1) ?? -Infinity) + (cooldowns[Math.min(times.length, cooldowns.length) - 1] ?? 0);
}

export const canSend = (m: Model) => Math.max(limitEnd(m), coolDownEnd(m)) <= m.now;

/** Starts a journey. */
export function modelOf(accountType: AccountType, policy: Policy, at: number): Model {
  const m: Model = {
    accountType,
    policy,
    startedAt: at,
    now: at,
    state: 'emailPending',
    step: 'sending',
    wait: 'user',
    since: at,
    email: newChannel(),
    sms: newChannel(),
    dueSend: null,
    stall: null,
    budgetAvailableAt: 0,
    recordAgrees: false,
    resumeTo: 'sending',
    afterStop: 'paused',
    lastActiveAt: at,
    offeredSince: null,
    expiresAt: at + policy.journeyLife,
    expirySuspendedSince: null,
    isRecovering: false,
  };
  beginChannel(m, 'emailPending');
  return m;
}

export const isLocked = (m: Model) => m[due(m)].onChannel >= m.policy.guesses.perChannel;

function beginChannel(m: Model, state: Model['state']): void {
  m.state = state;
  if (isLocked(m)) rest(m, 'locked');
  else if (isMailed(m)) rest(m, 'awaitingCode');
  else if (hasLeft(m, m.now)) offer(m);
  else send(m);
}

export const hasLeft = (m: Model, at: number) => at > m.lastActiveAt + m.policy.automaticSends.notAfter;

/** The end of the quiet hours, or this time if it is not quiet. It tries each half hour: generated quiet hours begin and end on one. */
export function quietUntil({ policy: { automaticSends } }: Model, at: number): number {
  const { quietHours } = automaticSends;
  if (quietHours === null) return at;
  const { from, to, offsets } = quietHours;
  const isQuiet = (time: number) => {
    const minute = Math.floor((time + offsets[0].minutes * 60_000) / 60_000) % 1_440;
    return from <= to ? from <= minute && minute < to : !(to <= minute && minute < from);
  };
  let time = at;
  while (isQuiet(time)) time = (Math.floor(time / 1_800_000) + 1) * 1_800_000;
  return time;
}

/** Sends an automatic code, or offers it to a user who has left or is in quiet hours. */
export function sendAutomatically(m: Model, why: SendReason | null = m.dueSend): void {
  if (hasLeft(m, m.now) || quietUntil(m, m.now) > m.now) offer(m);
  else send(m, why);
}

export function offer(m: Model): void {
  m.offeredSince = m.now;
  rest(m, 'awaitingCode');
}

/** Waits in a step. The expiry is suspended while the journey is stalled or paused. */
export function rest(m: Model, step: Step | null): void {
  const isHeld = step === 'stalled' || step === 'paused';
  if (isHeld) m.expirySuspendedSince ??= m.now;
  else resumeExpiry(m);
  Object.assign(m, { step, wait: 'user', since: m.now, isRecovering: false });
}

function resumeExpiry(m: Model): void {
  if (m.expirySuspendedSince !== null) m.expiresAt += m.now - m.expirySuspendedSince;
  Object.assign(m, { expirySuspendedSince: null, stall: null });
}

export function stall(m: Model, reason: StallReason): void {
  m.stall = reason;
  rest(m, 'stalled');
}

/** A send is due. A journey without guesses is locked; over the send limit it stalls; in the cool-down it waits. */
export function send(m: Model, why: SendReason | null = m.dueSend): void {
  if (isLocked(m)) return rest(m, 'locked');
  resumeExpiry(m);
  Object.assign(m, { step: 'sending', isRecovering: false, dueSend: why, offeredSince: null });
  if (limitEnd(m) > m.now) return stall(m, 'sendLimit');
  if (coolDownEnd(m) > m.now) Object.assign(m, { wait: 'coolDown' });
  else ask(m);
}

export function ask(m: Model): void {
  if (needsRecord(m)) m.wait = 'recordForText';
  else Object.assign(m, { wait: 'send', dueSend: m.dueSend ?? 'first' });
}

/** Verifies the current channel, or those that a record names. */
export function verify(m: Model, by: 'operator' | 'provider', channels: readonly Channel[] = [due(m)]): void {
  for (const channel of channels) m[channel].verified ??= by;
  Object.assign(m, { dueSend: null, offeredSince: null });
}

export function next(m: Model): void {
  const isOver = m.accountType === 'business' || m.sms.verified !== null;
  if (isOver) Object.assign(m, { state: 'done', step: null });
  else if (m.policy.smsStart === 'automatic') beginChannel(m, 'smsPending');
  else restBetween(m);
}

export function restBetween(m: Model): void {
  m.state = 'emailVerified';
  rest(m, null);
}

export const beginText = (m: Model) => beginChannel(m, 'smsPending');

export function end(m: Model, state: 'cancelled' | 'expired'): void {
  Object.assign(m, { state, step: null });
}

export type Event = JourneyEvent;
