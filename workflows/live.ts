import { condition, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { Alarm } from './alarm.ts';
import { askForRecord, askToConfirm, askToSend } from './ask.ts';
import type { Untimed } from './ask.ts';
import { list, listedAs } from './listing.ts';
import type { Listed } from './listing.ts';
import type { Answer, Command } from './events.ts';
import type { JourneyActivities } from './contract.ts';
import { statusOf } from './status.ts';
import type { Status } from './status.ts';
import { advance, alarmAt, wake } from './step.ts';
import type { Effect, Journey, Step } from './step.ts';

/** A code on its way to be judged, or a try of recovery; `answer` is there once the machine is busy with it no more. */
export interface Awaited {
  readonly answer: Promise<Answer | undefined>;
}

/**
 * A journey inside its workflow: steps the machine, and performs what it wants done.
 *
 * 1. Whatever happens goes through `#take`, one event after another; nothing else changes the journey.
 * 2. Handlers of messages only step the machine. `run` alone performs effects, in the scope of the workflow's own body.
 * 3. What waits is woken by a promise of ours: a `condition` of Temporal's makes three, and is tried again after everything
 *    that happens. Each promise in workflow code costs some 50 µs.
 * 4. While an effect is in flight no alarm is set: its answer comes in any case, and the alarm is looked at again then.
 */
export class LiveJourney {
  journey: Journey;
  #effects: Effect[] = [];
  #changed = true;
  #inFlight = 0;
  #wake: () => void = () => {};
  #answered: ((answer: Answer | undefined) => void) | undefined;
  #lastAnswer: Answer | undefined;
  #stopSend: () => void = () => {};
  #broken: { readonly error: unknown } | undefined;
  #listed: Listed;
  #untold: Status[] = [];
  #telling = 0;
  readonly #tells: boolean;
  readonly #alarm = new Alarm();

  /**
   * @param tells whether changes of status are told to a receiver
   * @param listed what visibility shows of the journey already
   */
  constructor({ journey, effects }: Step, tells: boolean, listed: Listed = listedAs(journey.snapshot)) {
    this.journey = journey;
    this.#effects = [...effects];
    this.#listed = listed;
    this.#tells = tells;
  }

  get ended(): boolean {
    return this.journey.snapshot.status === 'done';
  }

  /** Whether nothing is in flight. */
  get settled(): boolean {
    return this.#inFlight === 0 && this.#effects.length === 0;
  }

  /** Whether every change of status is in the hands of who tells it. */
  get told(): boolean {
    return this.#telling === 0 && this.#untold.length === 0;
  }

  get tells(): boolean {
    return this.#tells;
  }

  /** Has the status told as it is. */
  tellStatus(): void {
    if (this.#tells) this.#untold.push(statusOf(this.journey));
  }

  /** An answer that has changed nothing has made this run longer all the same: where it is to end, that must not wait for news. */
  lookUp(): void {
    if (workflowInfo().continueAsNewSuggested) this.#change();
  }

  tell(event: Command | Answer): void {
    if (!('by' in event)) this.#lastAnswer = event;
    this.#take(advance(this.journey, event));
  }

  /** Tells a command that the machine is busy with until the provider has answered. */
  tellAndAwait(event: Extract<Command, { type: 'submitCode' | 'recover' }>): Awaited {
    const answer = new Promise<Answer | undefined>((answered) => (this.#answered = answered));
    this.tell(event);
    return { answer };
  }

  /** Performs what the machine wants done until the journey has ended, or `over` says that this run has. */
  async run(over: () => boolean): Promise<void> {
    while (!over()) {
      this.#changed = false;
      for (const effect of this.#effects.splice(0)) this.#perform(effect);
      for (const status of this.#untold.splice(0)) this.#handOver(status);
      this.#setAlarm();
      if (!this.#changed) await this.#news(over);
      if (this.#broken !== undefined) throw this.#broken.error;
    }
  }

  /** Near the end the messages that are still being answered count as well, of which nothing tells. */
  #news(over: () => boolean): Promise<void> {
    if (this.ended || workflowInfo().continueAsNewSuggested) return condition(() => this.#changed || over());
    return new Promise((wake) => (this.#wake = wake));
  }

  #change(): void {
    this.#changed = true;
    this.#wake();
  }

  #take({ journey, effects }: Step): void {
    const isNews = journey.revision !== this.journey.revision;
    this.journey = journey;
    if (isNews) this.tellStatus();
    this.#effects.push(...effects);
    this.#change();
    if (this.#answered !== undefined && !journey.snapshot.hasTag('busy')) {
      this.#answered(this.#lastAnswer);
      this.#answered = undefined;
    }
    const listed = listedAs(journey.snapshot);
    if (!this.ended) list(this.#listed, listed, journey.updatedAt);
    this.#listed = listed;
  }

  #setAlarm(): void {
    const dueAt = alarmAt(this.journey);
    if (dueAt === undefined || this.ended || !this.settled) return;
    this.#alarm.setFor(dueAt, () => this.#take(wake(this.journey, Date.now())));
  }

  #perform(effect: Effect): void {
    const { context } = this.journey.snapshot;
    switch (effect.type) {
      case 'send': {
        const { answer, stop } = askToSend(context, effect.channel, effect.once);
        this.#stopSend = stop;
        return this.#hear(answer);
      }
      case 'stopSend':
        return this.#stopSend();
      case 'confirm':
        return this.#hear(askToConfirm(context, effect.channel, effect.code));
      case 'readUser':
        return this.#hear(askForRecord(context));
      default:
        return assertNever(effect);
    }
  }

  /** Beside everything else, and until it is done: only then may the journey end. */
  #handOver(status: Status): void {
    this.#telling += 1;
    proxyActivities<JourneyActivities>({ startToCloseTimeout: '10 s' })
      .tellStatus(status)
      .then(
        () => (this.#telling -= 1),
        (error: unknown) => this.#break(error),
      );
  }

  #hear(answer: Promise<Untimed>): void {
    this.#inFlight += 1;
    answer.then(
      (heard) => {
        try {
          this.#inFlight -= 1;
          this.tell({ ...heard, at: Date.now() });
        } catch (error) {
          this.#break(error);
        }
      },
      (error: unknown) => this.#break(error),
    );
  }

  /** A fault in our own code fails the workflow task, which is repeated once the code is mended. */
  #break(error: unknown): void {
    this.#broken = { error };
    this.#change();
  }
}

function assertNever(effect: never): never {
  throw new Error(`no way to perform ${JSON.stringify(effect)}`);
}
