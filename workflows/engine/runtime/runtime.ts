import { CancellationScope, condition, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { callActivity } from './activity-effects.ts';
import { BUSY } from '../core/definition.ts';
import type { AnyDefinition, AnyState, TimedEvent } from '../core/definition.ts';
import type { EffectRequest, Effects } from '../core/effects.ts';
import { parseUnknown } from '../core/parse-values.ts';
import { SearchAttributes } from './search-attributes.ts';
import { DurableTimer } from './timer.ts';
import { dueStep, nextDueAt, nextStep } from '../core/transition.ts';
import type { Step } from '../core/transition.ts';
import type { AnyStateMachine } from 'xstate';

type AnyStep = Step<AnyStateMachine, Effects>;
type AnyEffect = EffectRequest<Effects>;

/** A change of the state that is to be reported. */
interface Change {
  readonly request: unknown;
  readonly options: ActivityOptions;
}

/** A workflow task adds its completion to the history, and the next one its schedule and its start. */
const MIN_EVENTS_BETWEEN_TASKS = 3;

/** How often a change is sent again if the answer was not authentic. */
const MAX_CHANGE_ATTEMPTS = 3;

/**
 * A machine inside its workflow: takes events, and performs what the machine requests.
 *
 * 1. Every event goes through `#apply`, one after another; nothing else changes the state.
 * 2. Message handlers only send events. Only `run` performs effects, in the scope of the workflow's own body.
 * 3. `run` is woken by a promise of our own: a `condition` of Temporal's makes three and is evaluated after everything that
 *    happens. Each promise in workflow code costs some 50 µs.
 * 4. No handler waits inside an effect, so a machine that waits for a command or a delay never delays an outcome, nor the other
 *    way round.
 */
export class MachineRuntime {
  state: AnyState;
  #effects: AnyEffect[];
  #changes: Change[] = [];
  #isWoken = true;
  #inFlight = 0;
  #wake: () => void = () => {};
  #waiting: ((reply: TimedEvent | undefined) => void)[] = [];
  #lastReply: TimedEvent | undefined;
  #fault: { readonly error: unknown } | undefined;
  /** The length of the history at the newest outcome or timer. */
  #lengthAtOutcome = Number.NEGATIVE_INFINITY;
  readonly #definition: AnyDefinition;
  readonly #constants: unknown;
  readonly #timer = new DurableTimer();
  readonly #scopes = new Map<string, Set<CancellationScope>>();
  readonly #newest = new Map<string, number>();
  readonly #searchAttributes: SearchAttributes;
  readonly #observe: ((state: AnyState) => void) | undefined;

  constructor(definition: AnyDefinition, { state, effects }: AnyStep, constants: unknown) {
    this.state = state;
    this.#effects = [...effects];
    this.#definition = definition;
    this.#constants = constants;
    this.#searchAttributes = new SearchAttributes(definition.searchAttributes);
    this.#observe = definition.observe?.();
    this.#show();
    for (const spec of Object.values(definition.perform))
      if ('cancels' in spec) this.#scopes.set(spec.cancels, new Set());
  }

  get isDone(): boolean {
    return this.state.snapshot.status === 'done';
  }

  /** Whether nothing is in flight, and every change has been handed over. */
  get isSettled(): boolean {
    return this.#inFlight === 0 && this.#effects.length === 0 && this.#changes.length === 0;
  }

  /**
   * Whether an outcome has come in this workflow task already, though not with this activation. For a query, the SDK's core replays a
   * workflow that is not cached, with the events of a task that is scheduled and not started. What the workflow does then is a part of
   * that task once it starts; a command of the same task would be recorded after it, and replayed before it.
   */
  get hasUnrecordedOutcome(): boolean {
    return workflowInfo().historyLength - this.#lengthAtOutcome < MIN_EVENTS_BETWEEN_TASKS;
  }

  /** Sends an event of a command to the machine. */
  send(event: TimedEvent): void {
    this.#apply(nextStep(this.#definition.model, this.state, event, event.at));
  }

  /** Sends an event of a command; resolves with the outcome once the machine is no longer busy with it. */
  sendAndAwait(event: TimedEvent): { readonly reply: Promise<TimedEvent | undefined> } {
    this.#lastReply = undefined;
    const reply = new Promise<TimedEvent | undefined>((resolve) => this.#waiting.push(resolve));
    this.send(event);
    return { reply };
  }

  /** Hands the state over to `onChange`, as it is now. */
  announce(): void {
    const { onChange } = this.#definition;
    const request = onChange?.request(this.state, this.#constants);
    if (onChange === undefined || request === undefined) return;
    const activityId = onChange.id?.(this.state);
    this.#changes.push({
      request,
      options: { ...onChange.options, ...(activityId !== undefined && { activityId }) },
    });
  }

  /** Makes `run` check whether the workflow has ended. */
  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Performs what the machine requests until `isOver`. */
  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      this.#isWoken = false;
      for (const effect of this.#effects.splice(0)) this.#perform(effect);
      for (const change of this.#changes.splice(0)) this.#handOver(change, 1);
      this.#setTimer();
      if (!this.#isWoken) await this.#sleep(isOver);
      if (this.#fault !== undefined) throw this.#fault.error;
    }
  }

  /** Before the run can end, handlers must have replied, and no event wakes the workflow when they have: only a `condition` notices. */
  #sleep(isOver: () => boolean): Promise<void> {
    if (this.isDone || workflowInfo().continueAsNewSuggested) return condition(() => this.#isWoken || isOver());
    return new Promise((wake) => (this.#wake = wake));
  }

  #apply({ state, effects }: AnyStep): void {
    const isChange = state.revision !== this.state.revision;
    this.state = state;
    if (isChange) this.announce();
    this.#effects.push(...effects);
    this.wake();
    if (this.#waiting.length > 0 && !state.snapshot.hasTag(BUSY)) {
      for (const resolve of this.#waiting.splice(0)) resolve(this.#lastReply);
    }
    this.#show();
  }

  /** After the end, search attributes stay as they are: the status of the execution says how it ended. */
  #show(): void {
    const details = this.#definition.details?.(this.state);
    if (details !== undefined) setCurrentDetails(details);
    this.#observe?.(this.state);
    if (!this.isDone) this.#searchAttributes.show(this.state.snapshot, this.state.updatedAt);
  }

  #setTimer(): void {
    const dueAt = nextDueAt(this.state);
    if (dueAt === undefined || this.isDone) return;
    this.#timer.setFor(dueAt, () => {
      this.#noteOutcome();
      this.#apply(dueStep(this.#definition.model, this.state, Date.now()));
    });
  }

  #perform({ type, params }: AnyEffect): void {
    const spec = this.#definition.perform[type];
    if (spec === undefined) throw new Error(`no way to perform the effect '${type}'`);
    if ('cancels' in spec) {
      for (const scope of this.#scopes.get(spec.cancels) ?? []) scope.cancel();
      return;
    }
    const { context } = this.state.snapshot;
    const scopes = this.#scopes.get(type);
    const scope = scopes === undefined ? undefined : new CancellationScope();
    if (scope !== undefined) scopes?.add(scope);
    const nth = (this.#newest.get(type) ?? 0) + 1;
    this.#newest.set(type, nth);
    this.#inFlight += 1;
    callActivity(
      {
        activity: spec.activity,
        request: spec.request(params, context),
        options: spec.options(params, context),
        parseResult: (body, path) => spec.parseResult(body, path),
        scope,
      },
      (outcome) => {
        this.#noteOutcome();
        this.#inFlight -= 1;
        if (scope !== undefined) scopes?.delete(scope);
        const isStale = spec.onlyNewest === true && this.#newest.get(type) !== nth;
        const event = isStale
          ? undefined
          : outcome.kind === 'succeeded'
            ? spec.onResult(outcome.result, params)
            : spec.onFailure(outcome, params);
        this.#reply(event);
      },
      (error) => this.#break(error),
    );
  }

  #noteOutcome(): void {
    this.#lengthAtOutcome = workflowInfo().historyLength;
  }

  #reply(event: { readonly type: string } | undefined): void {
    if (event === undefined) return this.wake();
    this.#lastReply = { ...event, at: Date.now() };
    this.send(this.#lastReply);
  }

  #handOver(change: Change, attempt: number): void {
    const { onChange } = this.#definition;
    if (onChange === undefined) return;
    this.#inFlight += 1;
    const { activity } = onChange;
    callActivity(
      { activity, ...change, parseResult: parseUnknown },
      ({ kind }) => {
        this.#noteOutcome();
        this.#inFlight -= 1;
        if (kind === 'unknown' && attempt < MAX_CHANGE_ATTEMPTS) this.#handOver(change, attempt + 1);
        else if (kind !== 'succeeded') log.warn('a change was not handed over', { activity, outcome: kind });
        this.wake();
      },
      (error) => this.#break(error),
    );
  }

  /** An error in our own code fails the workflow task, which Temporal retries until the code is fixed. */
  #break(error: unknown): void {
    this.#fault = { error };
    this.wake();
  }
}
