import type { AccountType, StallReason, Step, WishReason } from '../../../workflows/context.ts';
import type { JourneyEvent } from '../../../workflows/events.ts';
import type { Policy } from '../../../workflows/policy.ts';

/** The journey told a second time: written from the rules of the journey as prose has them, and not from the machine. */

export type Channel = 'email' | 'sms';

interface Line {
  sends: { at: number; unknown: boolean; why: WishReason }[];
  onCode: number;
  onChannel: number;
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
  /** Since when the user, or nobody, has been waited for. */
  since: number;
  readonly email: Line;
  readonly sms: Line;
  /** Why a send is due; tries that the provider has not judged are one wish. */
  wish: WishReason | null;
  stall: StallReason | null;
  agreed: boolean;
  back: 'sending' | 'awaitingCode' | 'locked' | 'stalled' | 'verified';
  afterStop: 'paused' | 'cancelled';
  expiresAt: number;
  heldSince: number | null;
  /** Whether recovery is trying: the journey goes on showing that it is stalled. */
  trying: boolean;
}

const line = (): Line => ({ sends: [], onCode: 0, onChannel: 0, verified: null, reminded: false });

export const due = (m: Model): Channel => (m.email.verified === null ? 'email' : 'sms');
export const guessesLeft = ({ policy: { guesses } }: Model, { onCode, onChannel }: Line) =>
  Math.max(0, Math.min(guesses.perCode - onCode, guesses.perChannel - onChannel));
const isMailed = (m: Model) => due(m) === 'email' && m.policy.firstEmail === 'alreadySent';
export const hasCode = (m: Model) => isMailed(m) || m[due(m)].sends.length > 0;
const unproven = (m: Model) => m.email.verified === 'operator' && !m.agreed;
export const heals = (m: Model) =>
  m.stall === 'providerUnavailable' || m.stall === 'credentials' || m.stall === 'rateLimited';

/** When the limit leaves room: the nth send from the end has to be older than its span. */
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

export const mayBeSent = (m: Model) => Math.max(limitEnd(m), coolDownEnd(m)) <= m.now;

/** Begins a journey. */
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
    email: line(),
    sms: line(),
    wish: null,
    stall: null,
    agreed: false,
    back: 'sending',
    afterStop: 'paused',
    expiresAt: at + policy.journeyLife,
    heldSince: null,
    trying: false,
  };
  beginChannel(m, 'emailPending');
  return m;
}

function beginChannel(m: Model, state: Model['state']): void {
  m.state = state;
  if (m[due(m)].onChannel >= m.policy.guesses.perChannel) rest(m, 'locked');
  else if (isMailed(m)) rest(m, 'awaitingCode');
  else send(m);
}

/** Comes to rest in a step. Life stands still in a stall or a pause, and goes on in every other. */
export function rest(m: Model, step: Step | null): void {
  const isHeld = step === 'stalled' || step === 'paused';
  if (isHeld) m.heldSince ??= m.now;
  else goOn(m);
  Object.assign(m, { step, wait: 'user', since: m.now, trying: false });
}

function goOn(m: Model): void {
  if (m.heldSince !== null) m.expiresAt += m.now - m.heldSince;
  Object.assign(m, { heldSince: null, stall: null });
}

export function stall(m: Model, reason: StallReason): void {
  m.stall = reason;
  rest(m, 'stalled');
}

/** A send is due: over the limit it stalls, in the cool-down it waits, and a text may have to be agreed to first. */
export function send(m: Model, why: WishReason | null = m.wish): void {
  goOn(m);
  Object.assign(m, { step: 'sending', trying: false, wish: why });
  if (limitEnd(m) > m.now) return stall(m, 'sendLimit');
  if (coolDownEnd(m) > m.now) Object.assign(m, { wait: 'coolDown' });
  else ask(m);
}

export function ask(m: Model): void {
  if (unproven(m)) m.wait = 'recordForText';
  else Object.assign(m, { wait: 'send', wish: m.wish ?? 'first' });
}

/** The channel that is due is verified, or what a record names. */
export function verify(m: Model, by: 'operator' | 'provider', channels: readonly Channel[] = [due(m)]): void {
  for (const channel of channels) m[channel].verified ??= by;
  m.wish = null;
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
