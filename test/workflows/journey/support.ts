import type { JourneyInput, CarriedUsage } from '../../../workflows/journey/context.ts';
import type { Command, JourneyEvent } from '../../../workflows/journey/events.ts';
import type { Reply } from '../../../workflows/journey/replies.ts';
import { defaultPolicy, SECOND } from '../../../workflows/journey/policy/policy.ts';
import type { Policy } from '../../../workflows/journey/policy/policy.ts';
import { allowedIn, positionOf, statusOf } from '../../../workflows/journey/status/status.ts';
import { applyEvent, nextDueAt, startJourney, fireDueTimers } from '../../../workflows/journey/transition.ts';
import type { Effect, Journey, Step } from '../../../workflows/journey/transition.ts';

export const MORNING = Date.UTC(2026, 0, 5, 9);

type WithoutCaller<E> = E extends JourneyEvent ? Omit<E, 'at' | 'by' | 'reason'> : never;
/** An event as a test writes it: the story adds its time, caller and reason. */
export type TestEvent = WithoutCaller<Command | Reply>;

export interface StoryOptions extends Partial<Omit<JourneyInput, 'policy'>> {
  readonly policy?: Partial<Policy>;
}

/** A journey in a test, with a clock. */
export class Story {
  journey: Journey;
  /** The effects of the last step. */
  effects: readonly Effect[];
  clock: number;

  constructor({ policy, ...more }: StoryOptions = {}) {
    this.clock = more.at ?? MORNING;
    const step = startJourney({
      userId: 'ada',
      accountType: 'individual',
      at: this.clock,
      policy: { ...defaultPolicy, ...policy },
      ...more,
    });
    this.journey = step.journey;
    this.effects = step.effects;
  }

  /** Sends events one after another, a second apart. Throws if the machine ignores one, which is a mistake of the test. */
  send(...events: readonly TestEvent[]): this {
    for (const event of events) {
      this.clock += SECOND;
      if (!this.can(event)) throw new Error(`${event.type} has no effect in ${this.position}`);
      this.#step(applyEvent(this.journey, this.#whole(event)));
    }
    return this;
  }

  can(event: TestEvent): boolean {
    return this.journey.snapshot.can(this.#whole(event));
  }

  /** Advances the clock; every timer on the way fires when it is due. */
  advance(span: number): this {
    const end = this.clock + span;
    for (let due = nextDueAt(this.journey); due !== undefined && due <= end; due = nextDueAt(this.journey)) {
      this.clock = Math.max(this.clock, due);
      this.#step(fireDueTimers(this.journey, this.clock));
    }
    this.clock = end;
    return this;
  }

  /** The public state and step, such as `emailPending.awaitingCode`. */
  get position(): string {
    const { state, step } = positionOf(this.journey.snapshot);
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

  #whole(event: TestEvent): JourneyEvent {
    return { by: { role: 'operator', name: 'night' }, reason: null, ...event, at: this.clock } as JourneyEvent;
  }
}

const detail = 'said so';
export const sent: TestEvent = { type: 'send.sent', to: null };
export const unknown: TestEvent = { type: 'send.unknown', detail };
export const unreached: TestEvent = { type: 'send.unreached', detail };
export const refused: TestEvent = { type: 'send.refused', detail };
export const wrong: TestEvent = { type: 'code.incorrect' };
export const right: TestEvent = { type: 'code.correct' };
export const submit = (channel: 'email' | 'sms' = 'email'): TestEvent => ({
  type: 'submitCode',
  channel,
  code: '123456',
});
export const resend = (channel: 'email' | 'sms' = 'email'): TestEvent => ({ type: 'resend', channel });
export const override = (channel: 'email' | 'sms' = 'email'): TestEvent => ({ type: 'override', channel });
export const record = (email: 'open' | 'verified' | null, sms: 'open' | 'verified' | null = 'open'): TestEvent => ({
  type: 'record.read',
  record: { email, sms },
});
export const retry: TestEvent = { type: 'retry' };
export const pause: TestEvent = { type: 'pause' };
export const resume: TestEvent = { type: 'resume' };
export const cancel: TestEvent = { type: 'cancel' };
export const recheck: TestEvent = { type: 'recheck' };

/** A journey whose send on this channel is in flight. */
export function sendingTo(channel: 'email' | 'sms', more: StoryOptions = {}): Story {
  const story = new Story(more);
  return channel === 'email' ? story : story.send(sent, submit(), right);
}

/** A journey that awaits the code of this channel. */
export const awaiting = (channel: 'email' | 'sms' = 'email', more: StoryOptions = {}) =>
  sendingTo(channel, more).send(sent);

/** A restarted journey, with what the previous one carries over. */
export const restartedWith = (carried: CarriedUsage) => ({
  restarted: { by: { role: 'operator', name: 'night' } as const, reason: 'again', carried },
});
