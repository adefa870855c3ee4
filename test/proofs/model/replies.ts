import type { StallReason } from '../../../workflows/journey/stall-reasons.ts';
import type { Event, Model } from './model.ts';
import { ask, coolDownEnd, due, end, held, isLocked, next, rest, send, stall, verify } from './model.ts';

export type Reply = Exclude<Event, { by: unknown }>;

/** Applies a reply of the provider. */
export function applyReply(m: Model, event: Reply): void {
  if (event.type.startsWith('record.')) return applyRecord(m, event);
  if (m.wait === 'code') return applyVerdict(m, event);
  const step = applySendReply(m, event);
  if (m.wait === 'send') return settle(m, step);
  if (m.afterStop === 'cancelled') return end(m, 'cancelled');
  const isAgain = event.type === 'send.unreached' || event.type === 'send.rateLimited';
  m.resumeTo = isAgain ? 'sending' : step;
  rest(m, 'paused');
}

function settle(m: Model, step: Model['resumeTo']): void {
  if (step === 'verified') next(m);
  else rest(m, step);
}

/** Applies the reply to a send, and returns the step that it leads to. */
function applySendReply(m: Model, answer: Reply): Model['resumeTo'] {
  const { type } = answer;
  if (type === 'send.sent' || type === 'send.unknown') return mayBeOut(m, type === 'send.unknown');
  if (type === 'send.stopped') return 'sending';
  if (type === 'send.outOfService') return outOfService(m);
  if (type === 'send.alreadyVerified') {
    verify(m, 'provider');
    return 'verified';
  }
  if (type === 'send.overBudget') m.budgetAvailableAt = answer.until;
  if (type === 'send.refused') m.dueSend = null;
  m.stall = stalls[type] ?? 'providerRefused';
  return 'stalled';
}

/** A code may have been sent all the same. The next attempt follows after the cool-down if there is time for it. */
function outOfService(m: Model): Model['resumeTo'] {
  const own = m[due(m)];
  const before = own.sends.at(-1)?.until;
  const until = m.dueSend === 'automatic' && before !== undefined ? before : m.now + m.policy.retrySendFor;
  const isSingle = m.isRecovering;
  mayBeOut(m, true);
  m.stall = null;
  const entry = own.sends.at(-1);
  if (entry !== undefined) entry.until = until;
  const isInTime = Math.max(coolDownEnd(m), m.now + 1_000) <= until;
  if (!isSingle && isInTime) return 'awaitingCode';
  m.stall = 'providerUnavailable';
  return 'stalled';
}

const stalls: { readonly [type: string]: StallReason } = {
  'send.unreached': 'providerUnavailable',
  'send.rateLimited': 'rateLimited',
  'send.credentials': 'credentials',
  'send.unknownUser': 'unknownUser',
  'send.overBudget': 'sendBudget',
};

/** A code was sent, or may have been: its guesses start from zero, and at most one automatic send follows an unknown one. */
function mayBeOut(m: Model, unknown: boolean): Model['resumeTo'] {
  const isLast = unknown && m.dueSend === 'automatic';
  m[due(m)].sends.push({ at: m.now, unknown, why: m.dueSend ?? 'first' });
  Object.assign(m[due(m)], { onCode: 0, unknownOnCode: 0 });
  m.dueSend = null;
  if (isLast) m.stall = 'providerUnavailable';
  return isLast ? 'stalled' : 'awaitingCode';
}

function applyVerdict(m: Model, { type }: Reply): void {
  const own = m[due(m)];
  if (type === 'code.unknown') {
    Object.assign(own, { onCode: own.onCode - 1, onChannel: own.onChannel - 1, unknownOnCode: own.unknownOnCode + 1 });
    own.unknown = [...held(m, own), m.now];
    return void (m.wait = 'recordOfCode');
  }
  if (type === 'code.correct' || type === 'code.alreadyVerified') return (verify(m, 'provider'), next(m));
  if (type === 'code.notChecked')
    Object.assign(own, { onCode: Math.max(0, own.onCode - 1), onChannel: Math.max(0, own.onChannel - 1) });
  endCheck(m);
}

function endCheck(m: Model): void {
  if (isLocked(m)) rest(m, 'locked');
  else rest(m, m.stall === null ? 'awaitingCode' : 'stalled');
}

function applyRecord(m: Model, event: Reply): void {
  if (event.type === 'record.unsupported') return unsupported(m);
  const record = event.type === 'record.read' ? event.record : { email: null, sms: null };
  if (record[due(m)] === 'verified') {
    const channels = m.accountType === 'business' ? (['email'] as const) : (['email', 'sms'] as const);
    verify(
      m,
      'provider',
      channels.filter((channel) => record[channel] === 'verified'),
    );
    return next(m);
  }
  const isRead = event.type === 'record.read';
  const agrees = m.email.verified === 'operator' && !m.recordAgrees && isRead && record.email !== 'open';
  if (m.wait === 'recordOfCode') return endCheck(m);
  if (m.wait === 'recheck' && m.stall === 'unsupported' && isRead)
    return rest(m, isLocked(m) ? 'locked' : 'awaitingCode');
  if (m.wait === 'recheck' && m.stall === 'unknownUser' && isRead) return send(m, 'retry');
  if (m.wait === 'recheck' && !(agrees && m.step === 'stalled')) return waitForUser(m);
  if (agrees) {
    m.recordAgrees = true;
    return m.wait === 'recheck' ? send(m, 'retry') : ask(m);
  }
  if (event.type === 'record.unread') return stall(m, 'providerUnavailable');
  if (event.type === 'record.rateLimited') return stall(m, 'rateLimited');
  stall(m, event.type === 'record.credentials' ? 'credentials' : 'providerRefused');
}

/** sFOX does not serve this person. A journey in `emailVerified` moves to `smsPending`, as the machine's do. */
function unsupported(m: Model): void {
  if (m.state === 'emailVerified') m.state = 'smsPending';
  stall(m, 'unsupported');
}

/** The record changed nothing: the journey waits for its user again. */
const waitForUser = (m: Model) => void Object.assign(m, { wait: 'user', since: m.now });
