import { applyReply } from './replies.ts';
import type { Event, Model } from './model.ts';
import * as model from './model.ts';
import {
  ask,
  beginText,
  due,
  end,
  guessesLeft,
  hasCode,
  isRecoverable,
  next,
  rest,
  restBetween,
  send,
  verify,
} from './model.ts';

type Commands = 'submitCode' | 'resend' | 'recheck' | 'retry' | 'pause' | 'resume' | 'cancel' | 'override' | 'visit';

/** Guesses with an unknown outcome expire, so such a channel accepts codes again later. */
function mayGuessLater(m: Model): boolean {
  const own = m[due(m)];
  return guessesLeft(m, { ...own, unknown: [] }) > 0;
}

/** The commands that are allowed now, or will be without another event. */
export function allowed(m: Model): Commands[] {
  if (['done', 'expired', 'cancelled'].includes(m.state)) return [];
  if (m.wait === 'send' || m.wait === 'coolDown') return m.isRecovering ? [] : ['pause', 'cancel'];
  if (m.wait !== 'user') return [];
  const guess = hasCode(m) && mayGuessLater(m) ? (['submitCode'] as const) : [];
  const always = ['recheck', 'pause', 'cancel', 'override'] as const;
  switch (m.step) {
    case 'paused':
      return ['resume', 'cancel'];
    case 'locked':
      return ['retry', ...always];
    case 'stalled':
      return [...guess, 'retry', 'visit', ...always];
    case 'awaitingCode':
      return [...guess, 'resend', ...(m.offeredSince === null ? [] : (['visit'] as const)), ...always];
    case 'sending':
    case 'checkingCode':
    case null:
      return ['resend', ...always];
  }
}

/** Applies a command or a reply, if the model accepts it now. */
export function applyEvent(m: Model, event: Event): void {
  m.now = event.at;
  if (!('by' in event)) return applyReply(m, event);
  if (event.type === 'recover') return recover(m);
  if (event.type === 'adoptPolicy') throw new Error('a journey of the model keeps its policy');
  if (event.type === 'submitCode' && isHeld(m)) return;
  if (!allowed(m).includes(event.type) || ('channel' in event && event.channel !== due(m))) return;
  applyCommand(m, event.type);
}

const isHeld = (m: Model) => {
  const own = m[due(m)];
  return guessesLeft(m, { ...own, unknown: model.held(m, own) }) === 0;
};

function applyCommand(m: Model, type: Commands): void {
  const own = m[due(m)];
  switch (type) {
    case 'submitCode':
      m.lastActiveAt = m.now;
      own.unknown = model.held(m, own);
      own.onCode += 1;
      own.onChannel += 1;
      return void Object.assign(m, { step: 'checkingCode', wait: 'code' });
    case 'resend':
      if (!model.canSend(m)) return;
      m.lastActiveAt = m.now;
      return m.state === 'emailVerified' ? beginText(m) : send(m, 'resend');
    case 'recheck':
      return void (m.wait = 'recheck');
    case 'retry':
      if (m.step === 'stalled') return model.limitEnd(m) <= m.now ? send(m, 'retry') : undefined;
      Object.assign(own, { onCode: 0, onChannel: 0, unknownOnCode: 0, unknown: [] });
      return hasCode(m) ? rest(m, 'awaitingCode') : send(m);
    case 'visit':
      m.lastActiveAt = m.now;
      return m.step === 'stalled' ? undefined : send(m, 'resend');
    case 'override':
      m.lastActiveAt = m.now;
      verify(m, 'operator');
      return next(m);
    case 'resume':
      return resume(m);
    case 'pause':
    case 'cancel':
      return stop(m, type === 'pause' ? 'paused' : 'cancelled');
  }
}

/** Waits for the reply to a send in flight first. */
function stop(m: Model, afterStop: Model['afterStop']): void {
  if (m.wait === 'send') return void Object.assign(m, { wait: 'stoppedSend', afterStop });
  if (afterStop === 'cancelled') return end(m, 'cancelled');
  m.resumeTo = (m.step ?? 'awaitingCode') as Model['resumeTo'];
  rest(m, 'paused');
}

function resume(m: Model): void {
  if (m.state === 'emailVerified') return restBetween(m);
  if (m.resumeTo === 'verified') return next(m);
  return m.resumeTo === 'sending' ? send(m) : rest(m, m.resumeTo);
}

function recover(m: Model): void {
  if (m.step !== 'stalled' || m.wait !== 'user' || !isRecoverable(m) || !model.canSend(m)) return;
  if (model.hasLeft(m, m.now) || model.quietUntil(m, m.now) > m.now) return model.offer(m);
  Object.assign(m, { dueSend: 'retry', isRecovering: true });
  ask(m);
}
