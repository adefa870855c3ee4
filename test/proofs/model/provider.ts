import type { Fault, Sfox } from '../../../sandbox/sfox/index.ts';
import type { Channel, Event, Model } from './model.ts';
import { due } from './model.ts';
import { applyEvent } from './commands.ts';

/** Decides the next replies of sFOX for one user, scripts them in the simulator, and applies the same replies to the model. */
export class Provider {
  readonly #sfox: Sfox;
  readonly #userId: string;
  readonly #verified = { email: false, sms: false };

  constructor(sfox: Sfox, userId: string) {
    this.#sfox = sfox;
    this.#userId = userId;
  }

  /** Answers every call that the model waits for, as `pick` chooses, until it waits for its user. */
  settle(model: Model, isRight: boolean, pick: (count: number) => number): void {
    for (;;) {
      if (['done', 'cancelled', 'expired'].includes(model.state) || model.wait === 'user') return;
      if (model.wait === 'send') this.#send(model, pick(sendFaults.length));
      else if (model.wait === 'code') this.#confirm(model, isRight, pick(confirmFaults.length));
      else applyEvent(model, this.#read());
    }
  }

  #send(model: Model, pick: number): void {
    const [fault, answer] = sendFaults[pick] ?? ['ok', 'send.sent'];
    const channel = due(model);
    this.#sfox.script(this.#userId, 'send', [fault]);
    const refused = this.#verified[channel] ? 'send.alreadyVerified' : 'send.sent';
    const type = fault === 'ok' ? refused : answer;
    applyEvent(model, { type, to: null, detail: '', at: model.now } as Event);
  }

  #confirm(model: Model, isRight: boolean, pick: number): void {
    const [fault, answer] = confirmFaults[pick] ?? ['ok', null];
    const channel = due(model);
    this.#sfox.script(this.#userId, 'confirm', [fault]);
    const isTaken = isRight && answer !== 'code.notChecked';
    const was = this.#verified[channel];
    this.#verified[channel] ||= isTaken;
    const verdict = was ? 'code.alreadyVerified' : isTaken ? 'code.correct' : 'code.incorrect';
    applyEvent(model, { type: answer ?? verdict, detail: '', retryAfter: null, at: model.now } as Event);
  }

  #read(): Event {
    const said = (channel: Channel) => (this.#verified[channel] ? 'verified' : 'open');
    return { type: 'record.read', record: { email: said('email'), sms: said('sms') }, at: Date.now() };
  }

  /** Verifies a channel at the provider, without the journey. */
  verify(channel: Channel): void {
    this.#verified[channel] = true;
    this.#sfox.verify(this.#userId, channel);
  }
}

const sendFaults: readonly (readonly [Fault, Event['type']])[] = [
  ['ok', 'send.sent'],
  ['ok', 'send.sent'],
  ['ok', 'send.sent'],
  [{ status: 503 }, 'send.outOfService'],
  [{ status: 429, retryAfter: 1 }, 'send.rateLimited'],
  [{ status: 401 }, 'send.credentials'],
  [{ status: 404 }, 'send.unknownUser'],
  [{ status: 400 }, 'send.refused'],
  ['reset-after', 'send.unknown'],
];
const confirmFaults: readonly (readonly [Fault, Event['type'] | null])[] = [
  ['ok', null],
  ['ok', null],
  [{ status: 401 }, 'code.notChecked'],
  ['reset-after', 'code.unknown'],
];
