import type { ActivityOptions } from '@temporalio/workflow';
import type { defineSearchAttributeKey } from '@temporalio/common';
import type { AnyStateMachine, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate';
import type { ActivityFunction, Effects, EffectTable, UntimedEvent } from './effects.ts';
import type { Model } from './model.ts';
import type { Parser } from './parse-values.ts';
import type { MachineState } from './transition.ts';

/** The tag of states in which a command waits its turn: an answer is awaited that decides what the command would do. */
export const BUSY = 'busy';

/** The refusal of a command, with a type and details that its caller can act on. */
export class CommandError extends Error {
  readonly type: string;
  readonly details: unknown;

  constructor(type: string, message: string, details: unknown = null) {
    super(message);
    this.type = type;
    this.details = details;
  }
}

/** A command that arrives as an update. It is carried out once for each idempotency key. */
export interface UpdateDefinition<M extends AnyStateMachine, Entry, Request> {
  /**
   * Parses what the caller has sent, before it is accepted and again when it is carried out.
   *
   * @throws CommandError, or `UnreadableValue`, which the caller gets as `BadRequest`
   */
  parse(body: unknown, path: string): Request;
  event(request: Request, state: MachineState<M, Entry>): UntimedEvent<M>;
  /** The tags in which it waits its turn: `true` without a limit, or the limit in milliseconds. Default: `{ busy: true }`. */
  readonly waitWhile?: Readonly<Record<string, true | number>>;
  /** The result if there is nothing left to do: no event is then sent to the machine. `undefined` if there is something to do. */
  alreadyDone?(request: Request, state: MachineState<M, Entry>): unknown;
  /** Returns the error for the caller if the machine does not accept the command. */
  refuse?(refused: { request: Request; event: EventFromLogic<M>; state: MachineState<M, Entry> }): CommandError;
  /**
   * A condition beside the machine's own, checked whenever the machine takes the command, and before it waits its turn.
   *
   * @throws CommandError
   */
  check?(checked: { request: Request; event: EventFromLogic<M>; state: MachineState<M, Entry> }): void;
  /** Waits for the outcome of an effect: until the machine is no longer `busy`. */
  readonly awaitsReply?: boolean;
  /**
   * The reply to the caller.
   *
   * @throws CommandError if the command has failed after all; its key can then be used again
   */
  result(done: {
    request: Request;
    event: EventFromLogic<M>;
    before: MachineState<M, Entry>;
    state: MachineState<M, Entry>;
    /** The last outcome of an effect, if the command has awaited one. */
    reply: EventFromLogic<M> | undefined;
  }): unknown;
}

/** A message without a reply. It is dropped if the machine does not accept it. */
export interface SignalDefinition<M extends AnyStateMachine, Entry> {
  /** @throws CommandError, UnreadableValue; the signal is then dropped */
  event(body: unknown, state: MachineState<M, Entry>): UntimedEvent<M>;
}

/** Answers from the state; changes nothing. */
export type QueryDefinition<M extends AnyStateMachine, Entry> = (
  engine: {
    readonly state: MachineState<M, Entry>;
    /** Whether this update would have to wait its turn now. */
    readonly mustWait: (update: string) => boolean;
  },
  body: unknown,
) => unknown;

export type SearchAttributeValue = string | number | boolean | Date | readonly string[] | null;

/** The search attributes of an open workflow, for lists and counts. */
export interface SearchAttributesDefinition<M extends AnyStateMachine> {
  readonly keys: Readonly<Record<string, ReturnType<typeof defineSearchAttributeKey>>>;
  /** The values by the names of `keys`. Default: `meta.searchAttributes` of the active states, innermost first. */
  values?(snapshot: SnapshotFrom<M>): Readonly<Record<string, SearchAttributeValue>>;
  /** The search attribute with the time of the last change of the values. */
  readonly changedAt?: ReturnType<typeof defineSearchAttributeKey<'DATETIME'>>;
}

/** The limit of one group of commands. */
export interface CommandLimit {
  readonly group: string;
  readonly perMinute: number;
  /** The error of a command above the limit. `opensAt`: when there is room again, in milliseconds since 1970. */
  refuse(opensAt: number): CommandError;
}

/** Reports each visible change through an activity, independent of everything else. */
export interface ChangeHook<M extends AnyStateMachine, Entry, Constants> {
  readonly activity: string;
  /** The activity's request; `undefined` if the change is not reported. */
  request(state: MachineState<M, Entry>, constants: Constants): unknown;
  /** The activity's id, which is not encrypted in histories. Default: a number. */
  id?(state: MachineState<M, Entry>): string;
  readonly options: ActivityOptions;
}

/** How the execution ends once the machine is in a final state. */
export type End =
  | { readonly as: 'completed'; readonly result: unknown }
  | { readonly as: 'failed'; readonly result: unknown; readonly type: string; readonly message: string }
  /** The result becomes a memo of this name, since Temporal's cancellation carries none. */
  | { readonly as: 'cancelled'; readonly result: unknown; readonly memo: string; readonly last?: LastActivity };

/** An activity that a workflow calls before it ends. It must be idempotent; it is repeated until it succeeds. */
export interface LastActivity {
  readonly activity: string;
  readonly request: unknown;
  readonly options: ActivityOptions;
}

/** A machine as a durable workflow. */
export interface WorkflowDefinition<
  M extends AnyStateMachine,
  E extends Effects,
  Entry,
  A,
  Start,
  Constants,
  Requests,
> {
  /**
   * Parses the body of a start.
   *
   * @throws CommandError; the workflow then fails at once, and does nothing. Any other error, such as `UnreadableValue`, fails the
   *   workflow task, which Temporal repeats until the right code is deployed
   */
  parseStart(body: unknown): Start;
  input(start: Start, at: number): InputFrom<M>;
  firstRevision?(start: Start): number;
  /** Constants that are stored beside the snapshot, for `onChange` and `end`. `parse` reads those of an earlier run. */
  readonly constants?: { readonly from: (start: Start) => Constants; readonly parse: Parser<Constants> };
  readonly perform: EffectTable<M, E, A>;
  readonly updates: { readonly [Name in keyof Requests]: UpdateDefinition<M, Entry, Requests[Name]> };
  readonly signals?: Readonly<Record<string, SignalDefinition<M, Entry>>>;
  readonly queries?: Readonly<Record<string, QueryDefinition<M, Entry>>>;
  /** Counts every accepted command in a group, and refuses those of a group above its limit; `isUnlimited` ones are only counted. */
  limit?(command: {
    readonly name: string;
    readonly request: Requests[keyof Requests];
    readonly state: MachineState<M, Entry>;
  }): CommandLimit & { readonly isUnlimited: boolean };
  /**
   * The tag of states whose effect may be retried for minutes. Once Temporal suggests to continue as new, a command is refused
   * as `RunEnding` while anything is in flight, so that the run can end; in these states a command that the machine takes is
   * still accepted.
   */
  readonly slowTag?: string;
  /** The details of a refusal that the engine itself makes. */
  refusalDetails?(state: MachineState<M, Entry>): unknown;
  /** What the answer to an update contains beside its result. */
  view?(state: MachineState<M, Entry>): unknown;
  readonly searchAttributes?: SearchAttributesDefinition<M>;
  /**
   * What Temporal's own page shows of an execution, in Markdown. It is the answer to a query, so it is encrypted as every payload and
   * adds no event; it is computed at every transition.
   */
  details?(state: MachineState<M, Entry>): string;
  /** Creates an observer of one execution, such as for metrics. It receives the state after every transition, also during a replay. */
  observe?(): (state: MachineState<M, Entry>) => void;
  readonly onChange?: ChangeHook<M, Entry, Constants>;
  /** The event of a cancellation by Temporal; without it the execution ends as cancelled at once. */
  cancelEvent?(state: MachineState<M, Entry>): UntimedEvent<M>;
  /** Default: completed with XState's `output`. */
  end?(state: MachineState<M, Entry>, constants: Constants): End;
  /** The activity that requests the cancellation of its own workflow, if `end` may return `cancelled`. */
  readonly cancelActivity?: string;
}

/** A definition without its type parameters, as the runtime uses it. */
export type AnyDefinition = WorkflowDefinition<
  AnyStateMachine,
  Effects,
  unknown,
  Record<string, ActivityFunction>,
  unknown,
  unknown,
  Record<string, unknown>
> & { readonly model: Model<AnyStateMachine, Effects, unknown> };
export type AnyState = MachineState<AnyStateMachine>;
/** An event with its time, in milliseconds since 1970. */
export interface TimedEvent {
  readonly type: string;
  readonly at: number;
}
