import type { ActivityOptions } from '@temporalio/workflow';
import type { AnyStateMachine, ContextFrom, EventFromLogic } from 'xstate';

/** The implementation of an action that the workflow performs. In the machine it does nothing. */
export type EffectAction<Params> = (args: unknown, params: Params) => void;

/** The effects of a machine by name: spread them into the `actions` of `setup`. */
export type Effects = Readonly<Record<string, EffectAction<never>>>;

/**
 * Declares an effect: an action that has a name and parameters in the machine, and that the workflow performs.
 *
 * Every other action of a durable machine must be one of XState's pure ones: `assign`, `raise`, `cancel`, `enqueueActions`.
 */
export function effect<Params = undefined>(): EffectAction<Params> {
  return () => {};
}

export type ParamsOf<Action> = Action extends EffectAction<infer Params> ? Params : never;

/** An effect that a transition has requested, as data. */
export type EffectRequest<E extends Effects> = {
  readonly [Name in keyof E & string]: { readonly type: Name; readonly params: ParamsOf<E[Name]> };
}[keyof E & string];

/** Omits from each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** An event of the machine without its time: the engine adds `at`, in milliseconds since 1970. */
export type UntimedEvent<M extends AnyStateMachine> = DistributiveOmit<EventFromLogic<M>, 'at'> & {
  readonly type: string;
};

/** The activities that a machine's effects may call. Each takes one request. */
export type ActivityFunction = (request: never) => Promise<unknown>;

export type RequestOf<Activity> = Activity extends (request: infer Request) => unknown ? Request : never;
export type ResultOf<Activity> = Activity extends (request: never) => Promise<infer Result> ? Result : never;

/**
 * Why an activity has no result.
 *
 * - `failed`: the activity has reported a failure
 * - `cancelled`: a `cancels` effect stopped it before it was carried out
 * - `unknown`: no trustworthy result arrived. The worker died, or the reply was not authentic, or cannot be read
 */
export type EffectFailure =
  | {
      readonly kind: 'failed';
      readonly type: string;
      readonly message: string;
      readonly details: readonly unknown[];
    }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'unknown' };

/** Performs an effect by an activity whose outcome comes back as an event. */
export interface ActivityEffect<M extends AnyStateMachine, Params, Name, Activity> {
  readonly activity: Name;
  request(params: Params, context: ContextFrom<M>): RequestOf<Activity>;
  options(params: Params, context: ContextFrom<M>): ActivityOptions;
  /**
   * Parses a result, which a worker of another release may have returned.
   *
   * @throws UnreadableValue; the outcome is `unknown` then
   */
  parseResult(result: unknown, path: string): ResultOf<Activity>;
  /** The event of a result; `undefined` for none. */
  onResult(result: ResultOf<Activity>, params: Params): UntimedEvent<M> | undefined;
  onFailure(failure: EffectFailure, params: Params): UntimedEvent<M> | undefined;
  /** Drops the outcome if the effect has been requested again in the meantime. */
  readonly onlyNewest?: boolean;
}

/** Cancels the activities in flight of another effect, whose `onFailure` then receives `cancelled`. */
export interface CancelEffect<E extends Effects> {
  readonly cancels: keyof E & string;
}

/** How each effect of a machine is performed. An effect that is missing does not compile. */
export type EffectTable<M extends AnyStateMachine, E extends Effects, A> = {
  readonly [Name in keyof E]:
    | CancelEffect<E>
    | {
        readonly [Activity in keyof A]: ActivityEffect<M, ParamsOf<E[Name]>, Activity, A[Activity]>;
      }[keyof A];
};
