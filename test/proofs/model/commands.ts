import { hear } from './answers.ts';
import type { Event, Model } from './model.ts';
import * as model from './model.ts';
import {
  ask,
  beginText,
  due,
  end,
  guessesLeft,
  hasCode,
  heals,
  next,
  rest,
  restBetween,
  send,
  verify,
} from './model.ts';

type Commands = 'submitCode' | 'resend' | 'recheck' | 'retry' | 'pause' | 'resume' | 'cancel' | 'override';

/** What is allowed now, or will be by time alone. */
export function allowed(m: Model): Commands[] {
  if (['done', 'expired', 'cancelled'].includes(m.state)) return [];
  if (m.wait === 'send' || m.wait === 'coolDown') return m.trying ? [] : ['pause', 'cancel'];
  if (m.wait !== 'user') return [];
  const guess = hasCode(m) && guessesLeft(m, m[due(m)]) > 0 ? (['submitCode'] as const) : [];
  const always = ['recheck', 'pause', 'cancel', 'override'] as const;
  switch (m.step) {
    case 'paused':
      return ['resume', 'cancel'];
    case 'locked':
      return ['retry', ...always];
    case 'stalled':
      return [...guess, 'retry', ...always];
    case 'awaitingCode':
      return [...guess, 'resend', ...always];
    case 'sending':
    case 'checkingCode':
    case null:
      return ['resend', ...always];
  }
}

/** Tells the model a command or an answer, if it is one for now. */
export function tell(m: Model, event: Event): void {
  m.now = event.at;
  if (!('by' in event)) return hear(m, event);
  if (event.type === 'recover') return recover(m);
  if (!allowed(m).includes(event.type) || ('channel' in event && event.channel !== due(m))) return;
  obey(m, event.type);
}

function obey(m: Model, type: Commands): void {
  const own = m[due(m)];
  switch (type) {
    case 'submitCode':
      own.onCode += 1;
      own.onChannel += 1;
      return void Object.assign(m, { step: 'checkingCode', wait: 'code' });
    case 'resend':
      if (!model.mayBeSent(m)) return;
      return m.state === 'emailVerified' ? beginText(m) : send(m, 'resend');
    case 'recheck':
      return void (m.wait = 'recheck');
    case 'retry':
      if (m.step === 'stalled') return model.limitEnd(m) <= m.now ? send(m, 'retry') : undefined;
      Object.assign(own, { onCode: 0, onChannel: 0 });
      return hasCode(m) ? rest(m, 'awaitingCode') : send(m);
    case 'override':
      verify(m, 'operator');
      return next(m);
    case 'resume':
      return resume(m);
    case 'pause':
    case 'cancel':
      return stop(m, type === 'pause' ? 'paused' : 'cancelled');
  }
}

/** A send in flight is waited for, whatever comes of it. */
function stop(m: Model, afterStop: Model['afterStop']): void {
  if (m.wait === 'send') return void Object.assign(m, { wait: 'stoppedSend', afterStop });
  if (afterStop === 'cancelled') return end(m, 'cancelled');
  m.back = (m.step ?? 'awaitingCode') as Model['back'];
  rest(m, 'paused');
}

function resume(m: Model): void {
  if (m.state === 'emailVerified') return restBetween(m);
  if (m.back === 'verified') return next(m);
  return m.back === 'sending' ? send(m) : rest(m, m.back);
}

function recover(m: Model): void {
  if (m.step !== 'stalled' || m.wait !== 'user' || !heals(m) || !model.mayBeSent(m)) return;
  Object.assign(m, { wish: 'retry', trying: true });
  ask(m);
}
