import { ApplicationFailure, CancellationScope, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow';
import { commandUpdates, KEYED, statusQuery, submitCodeUpdate, timelineQuery } from './contract.ts';
import type {
  Asked,
  CodeReply,
  CommandName,
  CommandRequest,
  Handled,
  Refusal,
  RefusalType,
  Reply,
} from './contract.ts';
import type { Command } from './events.ts';
import { currentChannel, sendOpensAt } from './limits.ts';
import type { LiveJourney } from './live.ts';
import { timelineOf } from './log.ts';
import { allowedIn, placeOf, statusOf, time } from './status.ts';

type Outcome = CodeReply['outcome'];
type SubmitCode = Extract<Command, { type: 'submitCode' }>;

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
    setHandler(submitCodeUpdate, (asked) => this.#answer(asked, () => this.#submit(asked)), {
      validator: (asked) => this.#validate(asked, () => submission(asked)),
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
    await CancellationScope.nonCancellable(() =>
      this.#inTurn(
        () => ({ type: 'cancel', by, reason: null, at: Date.now() }),
        (event) => this.#live.tell(event),
      ),
    );
  }

  /** Carries out a request once, however often it comes under its key, and replies. */
  #answer<R extends object>(asked: Asked, carryOut: () => Promise<R>): Promise<Reply & R> {
    return CancellationScope.nonCancellable(async () => {
      const id = currentUpdateInfo()?.id ?? '';
      const before = this.#handled[id];
      const { fingerprint, nonce } = asked;
      const answered = before ?? { fingerprint, nonce, ...(await carryOut()) };
      if (id.startsWith(KEYED)) this.#handled = { ...this.#handled, [id]: answered };
      return { ...answered, status: statusOf(this.#live.journey) } as Reply & R;
    });
  }

  async #command(name: CommandName, asked: CommandRequest): Promise<object> {
    await this.#inTurn(
      () => this.#event(name, asked),
      (event) => {
        this.#refuse(asked, event);
        this.#live.tell(event);
      },
    );
    return {};
  }

  async #submit(asked: Asked & SubmitRequest): Promise<{ outcome: Outcome }> {
    const guess = await this.#inTurn(
      () => submission(asked),
      (event) => {
        if (this.#isVerified(asked)) return undefined;
        this.#refuse(asked, event);
        return this.#live.submit(event);
      },
    );
    if (guess === undefined) return { outcome: 'verified' };
    await condition(() => guess.answer !== undefined);
    if (this.#isVerified(asked)) return { outcome: 'verified' };
    if (guess.answer?.type === 'codeWrong') return { outcome: 'incorrect' };
    const wait = guess.answer?.type === 'codeNotJudged' ? guess.answer.retryAfter : null;
    throw this.#refusal(
      asked,
      'ProviderUnavailable',
      'the provider did not judge the code',
      wait === null ? null : Date.now() + wait,
    );
  }

  /** Acts when nothing is being judged any more, in the same breath as it looks: several may wait, and the first one to act changes what holds for the others. */
  async #inTurn<E extends Command, R>(toEvent: () => E, act: (event: E) => R): Promise<R> {
    for (;;) {
      const event = toEvent();
      if (!this.#waits(event)) return act(event);
      await condition(() => !this.#waits(event));
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
    if (snapshot.can(event)) return;
    const opensAt = sendOpensAt(snapshot.context, currentChannel(snapshot.context));
    const opens = opensAt > event.at && snapshot.can({ ...event, at: opensAt });
    if (opens) throw this.#refusal(asked, 'CoolingDown', `${event.type} opens at ${time(opensAt)}`, opensAt);
    const { state, step } = placeOf(snapshot);
    throw this.#refusal(
      asked,
      'NotNow',
      `${event.type} is not allowed in ${state}${step === null ? '' : `.${step}`}`,
      null,
    );
  }

  #refusal(asked: Asked, type: RefusalType, message: string, retryAt: number | null): ApplicationFailure {
    const { snapshot } = this.#live.journey;
    const refusal: Refusal = {
      fingerprint: asked.fingerprint,
      nonce: asked.nonce,
      ...placeOf(snapshot),
      allowed: allowedIn(snapshot),
      retryAt: retryAt === null ? null : time(retryAt),
    };
    return ApplicationFailure.create({ type, message, nonRetryable: true, details: [refusal] });
  }

  #isVerified({ channel }: { channel: SubmitCode['channel'] }): boolean {
    return this.#live.journey.snapshot.context.evidence[channel] !== null;
  }

  #event(name: CommandName, { by, reason, channel }: CommandRequest): Command {
    const due = channel ?? currentChannel(this.#live.journey.snapshot.context);
    return { type: name, channel: due, by, reason, at: Date.now() };
  }
}

type SubmitRequest = Pick<SubmitCode, 'channel' | 'code'>;

function submission({ channel, code, by, reason }: Asked & SubmitRequest): SubmitCode {
  return { type: 'submitCode', channel, code, by, reason, at: Date.now() };
}
