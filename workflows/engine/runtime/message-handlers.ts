import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { CommandCounter } from '../core/command-counter.ts';
import type { CommandReply } from '../client.ts';
import { BUSY, CommandError } from '../core/definition.ts';
import type { AnyDefinition, AnyState, TimedEvent } from '../core/definition.ts';
import { open, seal } from '../core/envelope.ts';
import type { Envelope, RequestGate } from '../core/envelope.ts';
import type { HandledCommands } from '../core/handled-commands.ts';
import { commandOf, explainRefusal, isRefusal } from './refusal.ts';
import type { MachineRuntime } from './runtime.ts';
import { allowedEvents, describeState } from '../core/state-queries.ts';

type Update = AnyDefinition['updates'][string];

const WAIT_WHILE_BUSY = { [BUSY]: true } as const;

/**
 * Takes the updates, signals and queries of a workflow.
 *
 * 1. A validator refuses what the machine does not take now; that leaves no history.
 * 2. While an outcome that decides it is awaited, a command waits its turn and is then validated again.
 * 3. A handler throws only `ApplicationFailure`: any other error would fail the workflow task repeatedly.
 * 4. Each message opens its envelope in the validator, and again in the handler.
 */
export class MessageHandlers {
  #handled: HandledCommands;
  readonly #definition: AnyDefinition;
  readonly #runtime: MachineRuntime;
  readonly #gate: RequestGate;
  readonly #counter = new CommandCounter();

  constructor(definition: AnyDefinition, runtime: MachineRuntime, gate: RequestGate, handled: HandledCommands) {
    this.#definition = definition;
    this.#runtime = runtime;
    this.#gate = gate;
    this.#handled = handled;
  }

  get handled(): HandledCommands {
    return this.#handled;
  }

  register(): void {
    const { updates, signals = {}, queries = {} } = this.#definition;
    const ownQueries = { state: () => describeState(this.#state), allowedEvents: () => allowedEvents(this.#state) };
    for (const [name, answer] of Object.entries({ ...ownQueries, ...queries })) {
      setHandler(defineQuery<unknown, [unknown]>(name), (payload) => this.#query(name, answer, payload));
    }
    for (const [name, update] of Object.entries(updates)) {
      setHandler(defineUpdate<unknown, [unknown]>(name), (payload) => this.#update(name, update, payload), {
        validator: (payload) => this.#validate(name, update, payload),
      });
    }
    for (const name of Object.keys(signals)) {
      setHandler(defineSignal<[unknown]>(name), (payload) => this.#signal(name, payload));
    }
  }

  /** Sends an event of the workflow's own, such as that of a cancellation, when its turn has come. */
  async sendInTurn(toEvent: () => TimedEvent): Promise<void> {
    await this.#inTurn(WAIT_WHILE_BUSY, () => this.#runtime.send(toEvent()));
  }

  get #state(): AnyState {
    return this.#runtime.state;
  }

  #query(name: string, answer: NonNullable<AnyDefinition['queries']>[string], payload: unknown): Envelope {
    // The clock of an idle workflow does not advance, and an answer changes nothing, so the age of a query is not checked.
    const { id, body } = open(payload, `query:${name}`);
    const { updates } = this.#definition;
    const mustWait = (update: string) => this.#mustWait(updates[update]?.waitWhile) !== undefined;
    return seal(`answer:${name}`, id, Date.now(), answer({ state: this.#state, mustWait }, body));
  }

  #signal(name: string, payload: unknown): void {
    const signal = this.#definition.signals?.[name];
    try {
      const { body } = this.#gate.admit(payload, `signal:${name}`, Date.now());
      if (signal !== undefined) this.#runtime.send(timed(signal.event(body, this.#state)));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      log.warn('refused a signal', { signal: name, reason: error.message });
    }
  }

  #validate(name: string, update: Update, payload: unknown): void {
    explainRefusal(name, payload, () => {
      if (this.#runtime.hasUnrecordedOutcome) {
        throw this.#refusal('OutcomeUnrecorded', 'an outcome is about to be recorded');
      }
      const { key, request } = commandOf(this.#gate.check(payload, `update:${name}`, Date.now()));
      const parsed = update.parse(request, 'request');
      const event = timed(update.event(parsed, this.#state));
      if (key === null || !Object.hasOwn(this.#handled, key)) this.#refuseNow(name, update, parsed, event);
      this.#refuseWhileRunEnds(update, parsed, event);
    });
  }

  /** Refuses a command that is not allowed now. One that must wait its turn is validated again after the wait. */
  #refuseNow(name: string, update: Update, request: unknown, event: TimedEvent): void {
    const limit = this.#definition.limit?.({ name, request, state: this.#state });
    if (limit !== undefined && !limit.isUnlimited) {
      const opensAt = this.#counter.opensAt(limit.group, limit.perMinute);
      if (opensAt > event.at) throw limit.refuse(opensAt);
    }
    if (this.#mustWait(update.waitWhile) !== undefined) update.check?.({ request, event, state: this.#state });
    else if (this.#alreadyDone(update, request) === undefined) this.#refuse(update, request, event);
  }

  /** Refuses commands while the run waits for requests in flight, so that it can continue as new. */
  #refuseWhileRunEnds(update: Update, request: unknown, event: TimedEvent): void {
    if (!workflowInfo().continueAsNewSuggested || (this.#runtime.isSettled && allHandlersFinished())) return;
    const { slowTag } = this.#definition;
    const { snapshot } = this.#state;
    if (slowTag !== undefined && snapshot.hasTag(slowTag) && !snapshot.hasTag(BUSY)) {
      return this.#refuse(update, request, event);
    }
    throw this.#refusal('RunEnding', 'the workflow is moving to its next run');
  }

  #refusal(type: string, message: string): CommandError {
    return new CommandError(type, message, this.#definition.refusalDetails?.(this.#state) ?? null);
  }

  #count(name: string, request: unknown): void {
    const limit = this.#definition.limit?.({ name, request, state: this.#state });
    if (limit !== undefined) this.#counter.count(limit.group, Date.now());
  }

  /** Carries out a command once, however often it arrives under its key. */
  async #update(name: string, update: Update, payload: unknown): Promise<Envelope<CommandReply>> {
    const admitted = explainRefusal(name, payload, () => {
      const envelope = this.#gate.admit(payload, `update:${name}`, Date.now());
      const command = commandOf(envelope);
      return { ...command, requestId: envelope.id, parsed: update.parse(command.request, 'request') };
    });
    const { key, fingerprint, requestId, parsed } = admitted;
    this.#count(name, parsed);
    const before = key === null ? undefined : this.#handled[key];
    const outcome = before ?? {
      key,
      fingerprint,
      requestId,
      result: await this.#carryOut(name, update, payload, parsed),
    };
    if (key !== null) this.#handled = { ...this.#handled, [key]: outcome };
    // A command without an effect lengthens the history too, after which the workflow may have to continue as new.
    this.#runtime.wake();
    return seal(`reply:${name}`, requestId, Date.now(), {
      ...outcome,
      view: this.#definition.view?.(this.#state) ?? null,
    });
  }

  async #carryOut(name: string, update: Update, payload: unknown, request: unknown): Promise<unknown> {
    const sent = await this.#inTurn(update.waitWhile, () =>
      explainRefusal(name, payload, () => {
        const result = this.#alreadyDone(update, request);
        if (result !== undefined) return { result };
        const before = this.#state;
        const event = timed(update.event(request, before));
        this.#refuse(update, request, event);
        if (update.awaitsReply === true) return { event, before, ...this.#runtime.sendAndAwait(event) };
        this.#runtime.send(event);
        return { event, before, reply: undefined };
      }),
    );
    if ('result' in sent) return sent.result;
    const { event, before } = sent;
    const reply = sent.reply === undefined ? undefined : await sent.reply;
    return explainRefusal(name, payload, () => update.result({ request, event, before, state: this.#state, reply }));
  }

  #alreadyDone(update: Update, request: unknown): unknown {
    return update.alreadyDone?.(request, this.#state);
  }

  #refuse(update: Update, request: unknown, event: TimedEvent): void {
    const state = this.#state;
    if (state.snapshot.can(event)) return update.check?.({ request, event, state });
    const words = `'${event.type}' is not allowed in ${JSON.stringify(state.snapshot.value)}`;
    throw update.refuse?.({ request, event, state }) ?? new CommandError('NotAllowed', words, allowedEvents(state));
  }

  /** Acts as soon as the machine is not busy, in the same step as the check: the first of several waiting commands may change the state for the others. */
  #inTurn<R>(waitWhile: Update['waitWhile'], act: () => R): R | Promise<R> {
    if (this.#mustWait(waitWhile) === undefined) return act();
    // A cancellation of the workflow is an event for the machine; it must not cancel a command that waits.
    return CancellationScope.nonCancellable(async () => {
      for (;;) {
        const limit = this.#mustWait(waitWhile);
        if (limit === undefined) return act();
        const isFree = () => this.#mustWait(waitWhile) === undefined;
        if (limit === true) await condition(isFree);
        else if (!(await condition(isFree, limit))) return act();
      }
    });
  }

  /** How long a command must wait: `true` without a limit; `undefined` if it need not wait. */
  #mustWait(waitWhile: Update['waitWhile'] = WAIT_WHILE_BUSY): number | true | undefined {
    const { snapshot } = this.#state;
    const limits = Object.entries(waitWhile).flatMap(([tag, limit]) => (snapshot.hasTag(tag) ? [limit] : []));
    return limits.includes(true) ? true : limits[0];
  }
}

const timed = (event: { readonly type: string }): TimedEvent => ({ ...event, at: Date.now() });
