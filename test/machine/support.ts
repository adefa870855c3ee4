import type { JourneyInput, Carried } from '../../workflows/context.ts';
import type { Answer, Command, JourneyEvent } from '../../workflows/events.ts';
import { defaultPolicy, SECOND } from '../../workflows/policy.ts';
import type { Policy } from '../../workflows/policy.ts';
import { allowedIn, placeOf, statusOf } from '../../workflows/status.ts';
import { advance, alarmAt, begin, wake } from '../../workflows/step.ts';
import type { Effect, Journey, Step } from '../../workflows/step.ts';

export const MORNING = Date.UTC(2026, 0, 5, 9);

type Untold<E> = E extends JourneyEvent ? Omit<E, 'at' | 'by' | 'reason'> : never;
/** What a test tells a journey: the rest, the story knows. */
export type Told = Untold<Command | Answer>;

export interface Beginning extends Partial<Omit<JourneyInput, 'policy'>> {
  readonly policy?: Partial<Policy>;
}

/** A journey in a test, with a clock. */
export class Story {
  journey: Journey;
  /** What the machine wanted done at the last step. */
  effects: readonly Effect[];
  clock: number;

  constructor({ policy, ...more }: Beginning = {}) {
    this.clock = more.at ?? MORNING;
    const step = begin({
      userId: 'ada',
      accountType: 'individual',
      at: this.clock,
      policy: { ...defaultPolicy, ...policy },
      ...more,
    });
    this.journey = step.journey;
    this.effects = step.effects;
  }

  /** Tells events one after another, a second apart. One that means nothing is a mistake of the test. */
  tell(...told: readonly Told[]): this {
    for (const event of told) {
      this.clock += SECOND;
      if (!this.takes(event)) throw new Error(`${event.type} means nothing in ${this.place}`);
      this.#step(advance(this.journey, this.#whole(event)));
    }
    return this;
  }

  takes(event: Told): boolean {
    return this.journey.snapshot.can(this.#whole(event));
  }

  /** Lets time pass; every alarm on the way rings when it is due. */
  pass(span: number): this {
    const end = this.clock + span;
    for (let due = alarmAt(this.journey); due !== undefined && due <= end; due = alarmAt(this.journey)) {
      this.clock = Math.max(this.clock, due);
      this.#step(wake(this.journey, this.clock));
    }
    this.clock = end;
    return this;
  }

  /** `emailPending.awaitingCode`, as everyone sees it. */
  get place(): string {
    const { state, step } = placeOf(this.journey.snapshot);
    return step === null ? state : `${state}.${step}`;
  }

  get context() {
    return this.journey.snapshot.context;
  }

  get status() {
    return statusOf(this.journey);
  }

  get allowed() {
    return allowedIn(this.journey.snapshot);
  }

  /** The ledger in short: `email sent first`. */
  get ledger(): string[] {
    return this.context.ledger.map(({ channel, outcome, why }) => `${channel} ${outcome} ${why}`);
  }

  #step({ journey, effects }: Step): void {
    this.journey = journey;
    this.effects = effects;
  }

  #whole(event: Told): JourneyEvent {
    return { by: { role: 'operator', name: 'night' }, reason: null, ...event, at: this.clock } as JourneyEvent;
  }
}

const detail = 'said so';
export const sent: Told = { type: 'codeSent', to: null };
export const unknown: Told = { type: 'sendUnknown', detail };
export const unreached: Told = { type: 'sendUnreached', detail };
export const refused: Told = { type: 'sendRefused', detail };
export const wrong: Told = { type: 'codeWrong' };
export const right: Told = { type: 'codeRight' };
export const submit = (channel: 'email' | 'sms' = 'email'): Told => ({ type: 'submitCode', channel, code: '123456' });
export const resend = (channel: 'email' | 'sms' = 'email'): Told => ({ type: 'resend', channel });
export const override = (channel: 'email' | 'sms' = 'email'): Told => ({ type: 'override', channel });
export const record = (email: 'open' | 'verified' | null, sms: 'open' | 'verified' | null = 'open'): Told => ({
  type: 'recordRead',
  record: { email, sms },
});
export const retry: Told = { type: 'retry' };
export const pause: Told = { type: 'pause' };
export const resume: Told = { type: 'resume' };
export const cancel: Told = { type: 'cancel' };
export const recheck: Told = { type: 'recheck' };

/** A journey whose send on this channel is in flight. */
export function sendingTo(channel: 'email' | 'sms', more: Beginning = {}): Story {
  const story = new Story(more);
  return channel === 'email' ? story : story.tell(sent, submit(), right);
}

/** A journey that awaits the code of this channel. */
export const awaiting = (channel: 'email' | 'sms' = 'email', more: Beginning = {}) =>
  sendingTo(channel, more).tell(sent);

/** A journey that is begun anew, with what the one before leaves to it. */
export const restartedWith = (carried: Carried) => ({
  restarted: { by: { role: 'operator', name: 'night' } as const, reason: 'again', carried },
});
