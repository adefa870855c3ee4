import type { StallReason } from '../../../workflows/context.ts';
import type { Event, Model } from './model.ts';
import { ask, due, end, next, rest, send, stall, verify } from './model.ts';

export type Answer = Exclude<Event, { by: unknown }>;

/** Tells the model what the provider has answered. */
export function hear(m: Model, event: Answer): void {
  if (event.type.startsWith('record')) return hearRecord(m, event);
  if (m.wait === 'code') return hearVerdict(m, event);
  const step = hearSend(m, event);
  if (m.wait === 'send') return settle(m, step);
  if (m.afterStop === 'cancelled') return end(m, 'cancelled');
  const isAgain = event.type === 'sendUnreached' || event.type === 'sendRateLimited';
  m.back = isAgain ? 'sending' : step;
  rest(m, 'paused');
}

function settle(m: Model, step: Model['back']): void {
  if (step === 'verified') next(m);
  else rest(m, step);
}

/** What an answer to a send means, and the step that it leads to. */
function hearSend(m: Model, { type }: Answer): Model['back'] {
  if (type === 'codeSent' || type === 'sendUnknown') return mayBeOut(m, type === 'sendUnknown');
  if (type === 'sendStopped') return 'sending';
  if (type === 'sendAlreadyVerified') {
    verify(m, 'provider');
    return 'verified';
  }
  if (type === 'sendRefused') m.wish = null;
  m.stall = stalls[type] ?? 'providerRefused';
  return 'stalled';
}

const stalls: { readonly [type: string]: StallReason } = {
  sendUnreached: 'providerUnavailable',
  sendRateLimited: 'rateLimited',
  sendCredentials: 'credentials',
};

/** A code is out, or may be: its guesses begin anew, and an unknown one is followed by one more at most. */
function mayBeOut(m: Model, unknown: boolean): Model['back'] {
  const isLast = unknown && m.wish === 'automatic';
  m[due(m)].sends.push({ at: m.now, unknown, why: m.wish ?? 'first' });
  m[due(m)].onCode = 0;
  m.wish = null;
  if (isLast) m.stall = 'providerUnavailable';
  return isLast ? 'stalled' : 'awaitingCode';
}

function hearVerdict(m: Model, { type }: Answer): void {
  const own = m[due(m)];
  if (type === 'codeUnknown') return void (m.wait = 'recordOfCode');
  if (type === 'codeRight' || type === 'codeAlreadyVerified') return (verify(m, 'provider'), next(m));
  if (type === 'codeNotJudged')
    Object.assign(own, { onCode: Math.max(0, own.onCode - 1), onChannel: Math.max(0, own.onChannel - 1) });
  judged(m);
}

function judged(m: Model): void {
  if (m[due(m)].onChannel >= m.policy.guesses.perChannel) rest(m, 'locked');
  else rest(m, m.stall === null ? 'awaitingCode' : 'stalled');
}

function hearRecord(m: Model, event: Answer): void {
  const record = event.type === 'recordRead' ? event.record : { email: null, sms: null };
  if (record[due(m)] === 'verified') {
    const channels = m.accountType === 'business' ? (['email'] as const) : (['email', 'sms'] as const);
    verify(
      m,
      'provider',
      channels.filter((channel) => record[channel] === 'verified'),
    );
    return next(m);
  }
  const agrees = m.email.verified === 'operator' && !m.agreed && record.email === 'verified';
  if (m.wait === 'recordOfCode') return judged(m);
  if (m.wait === 'recheck' && !(agrees && m.step === 'stalled')) return waitOn(m);
  if (agrees) {
    m.agreed = true;
    return m.wait === 'recheck' ? send(m, 'retry') : ask(m);
  }
  if (event.type === 'recordUnread') return stall(m, 'providerUnavailable');
  stall(m, event.type === 'recordCredentials' ? 'credentials' : 'providerRefused');
}

/** Nothing has come of looking: the user is waited for anew. */
const waitOn = (m: Model) => void Object.assign(m, { wait: 'user', since: m.now });
