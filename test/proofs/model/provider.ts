import type { Fault, Sfox } from '../../../sandbox/sfox/index.ts';
import type { Channel, Event, Model } from './model.ts';
import { due } from './model.ts';
import { tell } from './commands.ts';

/** What sFOX has verified of a user, and what it is to do next: decided beforehand, and told the model as its answer. */
export class Provider {
  readonly #sfox: Sfox;
  readonly #userId: string;
  readonly #verified = { email: false, sms: false };

  constructor(sfox: Sfox, userId: string) {
    this.#sfox = sfox;
    this.#userId = userId;
  }

  /** Has every call that the model waits for answered in ways that `pick` chooses, until it waits for its user. */
  settle(model: Model, isRight: boolean, pick: (count: number) => number): void {
    for (;;) {
      if (['done', 'cancelled', 'expired'].includes(model.state) || model.wait === 'user') return;
      if (model.wait === 'send') this.#send(model, pick(sendFaults.length));
      else if (model.wait === 'code') this.#confirm(model, isRight, pick(confirmFaults.length));
      else tell(model, this.#read());
    }
  }

  #send(model: Model, pick: number): void {
    const [fault, answer] = sendFaults[pick] ?? ['ok', 'codeSent'];
    const channel = due(model);
    this.#sfox.script(this.#userId, 'send', [fault]);
    const refused = this.#verified[channel] ? 'sendAlreadyVerified' : 'codeSent';
    const type = fault === 'ok' ? refused : answer;
    tell(model, { type, to: null, detail: '', at: model.now } as Event);
  }

  #confirm(model: Model, isRight: boolean, pick: number): void {
    const [fault, answer] = confirmFaults[pick] ?? ['ok', null];
    const channel = due(model);
    this.#sfox.script(this.#userId, 'confirm', [fault]);
    const isTaken = isRight && answer !== 'codeNotJudged';
    const was = this.#verified[channel];
    this.#verified[channel] ||= isTaken;
    const judged = was ? 'codeAlreadyVerified' : isTaken ? 'codeRight' : 'codeWrong';
    tell(model, { type: answer ?? judged, detail: '', retryAfter: null, at: model.now } as Event);
  }

  #read(): Event {
    const said = (channel: Channel) => (this.#verified[channel] ? 'verified' : 'open');
    return { type: 'recordRead', record: { email: said('email'), sms: said('sms') }, at: Date.now() };
  }

  /** Verifies a channel behind everyone's back. */
  verify(channel: Channel): void {
    this.#verified[channel] = true;
    this.#sfox.verify(this.#userId, channel);
  }
}

const sendFaults: readonly (readonly [Fault, Event['type']])[] = [
  ['ok', 'codeSent'],
  ['ok', 'codeSent'],
  ['ok', 'codeSent'],
  [{ status: 503 }, 'sendUnreached'],
  [{ status: 429, retryAfter: 1 }, 'sendRateLimited'],
  [{ status: 401 }, 'sendCredentials'],
  [{ status: 404 }, 'sendRefused'],
  ['reset-after', 'sendUnknown'],
];
const confirmFaults: readonly (readonly [Fault, Event['type'] | null])[] = [
  ['ok', null],
  ['ok', null],
  [{ status: 401 }, 'codeNotJudged'],
  ['reset-after', 'codeUnknown'],
];
