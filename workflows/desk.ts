import { CancellationScope, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow';
import {
  commandUpdates,
  KEYED,
  logQuery,
  recoverUpdate,
  statusQuery,
  submitCodeUpdate,
  timelineQuery,
  wouldTakeQuery,
} from './contract.ts';
import type { Asked, CodeReply, CommandName, CommandRequest, Handled, Reply, Verdict } from './contract.ts';
import type { Command } from './events.ts';
import { forecast } from './forecast.ts';
import type { Forecast } from './forecast.ts';
import { currentChannel } from './limits.ts';
import type { LiveJourney } from './live.ts';
import { timelineOf } from './log.ts';
import { SECOND } from './policy.ts';
import { verdictOf } from './recovery/verdict.ts';
import { notJudged, refusalOf } from './refusal.ts';
import { statusOf } from './status.ts';

type Outcome = CodeReply['outcome'];
type SubmitCode = Extract<Command, { type: 'submitCode' }>;

/** How long a code waits for a send that is in flight; most take a fraction of it. */
const PATIENCE_WITH_A_SEND = 2 * SECOND;

/**
 * Takes the queries and updates of a journey.
 *
 * 1. A validator refuses what the machine does not take now; that leaves no history.
 * 2. While a code is judged or a record read, a command waits its turn and is then judged anew.
 * 3. A handler throws `ApplicationFailure` alone: any other error would hang its caller.
 */
export class Desk {
  #handled: Handled;
  readonly #live: LiveJourney;

  constructor(live: LiveJourney, handled: Handled) {
    this.#live = live;
    this.#handled = handled;
  }

  get handled(): Handled {
    return this.#handled;
  }

  open(): void {
    setHandler(statusQuery, () => statusOf(this.#live.journey));
    setHandler(timelineQuery, () => timelineOf(this.#live.journey.log));
    setHandler(logQuery, () => this.#live.journey.log);
    setHandler(wouldTakeQuery, (name, { asOf }) => this.#wouldTake(name, asOf));
    setHandler(submitCodeUpdate, (asked) => this.#answer(asked, () => this.#submit(asked)), {
      validator: (asked) => this.#validate(asked, () => submission(asked)),
    });
    setHandler(recoverUpdate, (asked) => this.#answer(asked, () => this.#recover(asked)), {
      validator: (asked) => this.#validate(asked, () => recovery(asked)),
    });
    for (const name of Object.keys(commandUpdates) as CommandName[]) {
      setHandler(commandUpdates[name], (asked) => this.#answer(asked, () => this.#command(name, asked)), {
        validator: (asked) => this.#validate(asked, () => this.#event(name, asked)),
      });
    }
  }

  /** A cancellation that came past us, from Temporal itself: a command as any other. */
  async cancel(): Promise<void> {
    const by = { role: 'temporal', name: 'cancellation' } as const;
    await this.#inTurn(
      () => ({ type: 'cancel', by, reason: null, at: Date.now() }),
      (event) => this.#live.tell(event),
    );
  }

  /** Carries out a request once, however often it comes under its key, and replies. */
  async #answer<R extends object>(asked: Asked, carryOut: () => Promise<R>): Promise<Reply & R> {
    const id = currentUpdateInfo()?.id ?? '';
    const before = this.#handled[id];
    const { fingerprint, nonce } = asked;
    const answered = before ?? { fingerprint, nonce, ...(await carryOut()) };
    if (id.startsWith(KEYED)) this.#handled = { ...this.#handled, [id]: answered };
    this.#live.lookUp();
    return { ...answered, status: statusOf(this.#live.journey) } as Reply & R;
  }

  async #command(name: CommandName, asked: CommandRequest): Promise<{ took: Forecast }> {
    return this.#inTurn(
      () => this.#event(name, asked),
      (event) => {
        this.#refuse(asked, event);
        const took = forecast(this.#live.journey, event);
        this.#live.tell(event);
        return { took };
      },
    );
  }

  #wouldTake(name: CommandName, asOf: number | undefined): Forecast | 'busy' {
    const by = { role: 'operator', name: '' } as const;
    const event = this.#event(name, { by, reason: null, ...(asOf !== undefined && { asOf }) });
    return this.#waits(event) ? 'busy' : forecast(this.#live.journey, event);
  }

  async #recover(asked: Asked): Promise<{ verdict: Verdict }> {
    const tried = await this.#inTurn(
      () => recovery(asked),
      (event) => {
        this.#refuse(asked, event);
        return this.#live.tellAndAwait(event);
      },
    );
    return { verdict: verdictOf(await tried.answer) };
  }

  async #submit(asked: Asked & SubmitRequest): Promise<{ outcome: Outcome }> {
    const guess = await this.#inTurn(
      () => submission(asked),
      (event) => {
        if (this.#isVerified(asked)) return undefined;
        this.#refuse(asked, event);
        return this.#live.tellAndAwait(event);
      },
    );
    if (guess === undefined) return { outcome: 'verified' };
    const answer = await guess.answer;
    if (this.#isVerified(asked)) return { outcome: 'verified' };
    if (answer?.type === 'codeWrong') return { outcome: 'incorrect' };
    const wait = answer?.type === 'codeNotJudged' ? answer.retryAfter : null;
    throw notJudged(this.#live.journey.snapshot, asked, wait === null ? null : Date.now() + wait);
  }

  /** Acts when nothing is being judged any more, in the same breath as it looks: several may wait, and the first one to act changes what holds for the others. */
  #inTurn<E extends Command, R>(toEvent: () => E, act: (event: E) => R): R | Promise<R> {
    const event = toEvent();
    // A cancellation of the workflow is told to the machine; it must not cut off who waits.
    return this.#waits(event) ? CancellationScope.nonCancellable(() => this.#queue(toEvent, act)) : act(event);
  }

  async #queue<E extends Command, R>(toEvent: () => E, act: (event: E) => R): Promise<R> {
    for (;;) {
      const event = toEvent();
      if (!this.#waits(event)) return act(event);
      // A send may be tried again for minutes. Whoever holds a code is told soon that this is not the time.
      const inTime = this.#live.journey.snapshot.hasTag('sending')
        ? await condition(() => !this.#waits(event), PATIENCE_WITH_A_SEND)
        : await condition(() => !this.#waits(event)).then(() => true);
      if (!inTime) return act(toEvent());
    }
  }

  #waits({ type }: Command): boolean {
    const { snapshot } = this.#live.journey;
    return snapshot.hasTag('busy') || (type === 'submitCode' && snapshot.hasTag('sending'));
  }

  #validate(asked: Asked, toEvent: () => Command): void {
    if (this.#handled[currentUpdateInfo()?.id ?? ''] !== undefined) return;
    const event = toEvent();
    if (this.#waits(event) || (event.type === 'submitCode' && this.#isVerified(event))) return;
    this.#refuse(asked, event);
  }

  #refuse(asked: Asked, event: Command): void {
    const { snapshot } = this.#live.journey;
    if (!snapshot.can(event)) throw refusalOf(snapshot, asked, event);
  }

  #isVerified({ channel }: { channel: SubmitCode['channel'] }): boolean {
    return this.#live.journey.snapshot.context.evidence[channel] !== null;
  }

  #event(name: CommandName, { by, reason, channel, asOf }: Omit<CommandRequest, 'fingerprint' | 'nonce'>): Command {
    const due = channel ?? currentChannel(this.#live.journey.snapshot.context);
    return { type: name, channel: due, by, reason, at: Date.now(), asOf };
  }
}

type SubmitRequest = Pick<SubmitCode, 'channel' | 'code'>;

function submission({ channel, code, by, reason }: Asked & SubmitRequest): SubmitCode {
  return { type: 'submitCode', channel, code, by, reason, at: Date.now() };
}

function recovery({ by, reason }: Asked): Extract<Command, { type: 'recover' }> {
  return { type: 'recover', by, reason, at: Date.now() };
}
