import {
  ApplicationFailure,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  log,
  setHandler,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { callActivity } from './activity-effects.ts';
import type { ActivityOutcome } from './activity-effects.ts';
import type { CommandReply, EndBody } from '../client.ts';
import { CommandError } from '../core/definition.ts';
import type { RequestOf, ResultOf } from '../core/effects.ts';
import { checkAge, EnvelopeError, open, parseGate, REQUEST_LIFETIME_MS, RequestGate, seal } from '../core/envelope.ts';
import type { Envelope, StoredGate } from '../core/envelope.ts';
import { objectOf, parseText, parseUnknown, UnreadableValue } from '../core/parse-values.ts';
import type { Parser } from '../core/parse-values.ts';
import { commandOf, explainRefusal, isRefusal } from './refusal.ts';

/** The input of the next run. */
interface Continuation {
  readonly runId: string;
  readonly start: unknown;
  readonly state: unknown;
  readonly gate: StoredGate;
}

const parseContinuation: Parser<Continuation> = objectOf({
  runId: parseText,
  start: parseUnknown,
  state: parseUnknown,
  gate: parseGate,
});

/** A workflow function: its argument is a `start` envelope, its result an `end` envelope. */
export type PlainWorkflowFunction = (payload: unknown) => Promise<Envelope<EndBody>>;

export interface PlainWorkflowOptions<Start, State = never> {
  /**
   * Parses the body of the start, which a continuation repeats.
   *
   * @throws CommandError, UnreadableValue; the workflow then fails and does nothing
   */
  readonly parseStart: Parser<Start>;
  /**
   * Parses the state of the previous run. Required if the workflow continues as new.
   *
   * @throws UnreadableValue; the workflow then fails
   */
  readonly parseState?: Parser<State>;
  /** The start may be of any age: a Schedule sends the same one for every run. The workflow then checks by itself that it is current. */
  readonly isScheduled?: boolean;
  /** How long a signal may wait for a worker, in milliseconds. Default: five minutes. */
  readonly signalLifetime?: number;
}

/** How often an idempotent activity is called at most, if its results are not authentic. */
const MAX_ATTEMPTS = 3;

/**
 * What a workflow without a machine needs so that its payloads are as authentic as those of a machine: its start, signals, queries,
 * activities, memos, continuations and result are envelopes.
 *
 * An input that cannot be read fails the workflow, with the type `InputUnreadable`: such a workflow can be started again, and a failed
 * execution is noticed sooner than a workflow task that is retried forever.
 */
export class PlainWorkflow<Start, State = never> {
  readonly start: Start;
  /** The state of the previous run; `undefined` in the first run. */
  readonly previous: State | undefined;
  readonly #gate: RequestGate;

  /** @throws ApplicationFailure of type `StartRefused` or `InputUnreadable` */
  constructor(payload: unknown, options: PlainWorkflowOptions<Start, State>) {
    const { isScheduled = false, signalLifetime } = options;
    const { workflowType, continuedFromExecutionRunId, startTime } = workflowInfo();
    try {
      if (continuedFromExecutionRunId !== undefined) {
        const type = `continue:${workflowType}` as const;
        const { runId, start, state, gate } = parseContinuation(open(payload, type).body, 'continuation');
        if (runId !== continuedFromExecutionRunId) throw new EnvelopeError('wrongContext', type);
        this.start = options.parseStart(start, 'start');
        this.previous = options.parseState?.(state, 'state');
        this.#gate = new RequestGate(gate, signalLifetime);
        return;
      }
      const envelope = open(payload, `start:${workflowType}`);
      // A worker may start later than the workflow: what counts is the time at which the server accepted the start.
      if (!isScheduled) checkAge(envelope, startTime.getTime());
      this.start = options.parseStart(envelope.body, 'start');
      this.previous = undefined;
      this.#gate = new RequestGate({ notBefore: envelope.at, seen: {} }, signalLifetime);
    } catch (error) {
      if (error instanceof UnreadableValue) throw ApplicationFailure.nonRetryable(unreadable(error), 'InputUnreadable');
      if (!(error instanceof EnvelopeError || error instanceof CommandError)) throw error;
      throw ApplicationFailure.nonRetryable(error.message, 'StartRefused');
    }
  }

  /** Handles a signal. One that cannot be read, or that `handle` refuses by a `CommandError`, is only logged: a signal has no reply. */
  onSignal<Body>(name: string, parse: Parser<Body>, handle: (body: Body) => void): void {
    setHandler(defineSignal<[unknown]>(name), (payload) => {
      try {
        handle(parse(this.#gate.admit(payload, `signal:${name}`, Date.now()).body, name));
      } catch (error) {
        if (!isRefusal(error)) throw error;
        log.warn('refused a signal', { signal: name, reason: error.message });
      }
    });
  }

  /**
   * Handles an update, whose refusal leaves no history. A request may be at most five minutes old, even if signals may be older.
   *
   * @param parse checks a request against the current state, and changes nothing; it may throw `CommandError`
   * @param carryOut changes the state, in the same step
   */
  onUpdate<Request>(name: string, parse: Parser<Request>, carryOut: (request: Request) => void): void {
    const type = `update:${name}` as const;
    const validator = (payload: unknown) =>
      void explainRefusal(name, payload, () =>
        parse(commandOf(this.#gate.check(payload, type, Date.now(), REQUEST_LIFETIME_MS)).request, 'request'),
      );
    const handler = (payload: unknown): Envelope<CommandReply> => {
      const { requestId, command, request } = explainRefusal(name, payload, () => {
        const envelope = this.#gate.admit(payload, type, Date.now(), REQUEST_LIFETIME_MS);
        const command = commandOf(envelope);
        return { requestId: envelope.id, command, request: parse(command.request, 'request') };
      });
      carryOut(request);
      const { key, fingerprint } = command;
      return seal(`reply:${name}`, requestId, Date.now(), { key, fingerprint, requestId, result: null, view: null });
    };
    setHandler(defineUpdate<unknown, [unknown]>(name), handler, { validator });
  }

  onQuery(name: string, answer: () => unknown): void {
    setHandler(defineQuery<unknown, [unknown]>(name), (payload) => {
      const { id } = open(payload, `query:${name}`);
      return seal(`answer:${name}`, id, Date.now(), answer());
    });
  }

  upsertMemo(name: string, body: unknown): void {
    upsertMemo({ [name]: seal(`memo:${name}`, uuid4(), Date.now(), body) });
  }

  continueAsNew(state: State): Promise<never> {
    const { workflowType, runId } = workflowInfo();
    const body: Continuation = { runId, start: this.start, state, gate: this.#gate.store(Date.now()) };
    return continueAsNew<PlainWorkflowFunction>(seal(`continue:${workflowType}`, uuid4(), Date.now(), body));
  }

  end<Result>(result: Result): Envelope<EndBody<Result>> {
    const { workflowType, runId } = workflowInfo();
    return seal(`end:${workflowType}`, uuid4(), Date.now(), { runId, result });
  }
}

const unreadable = ({ message }: UnreadableValue) =>
  `the input of this workflow was written by a release that this one cannot read: ${message}; start it again, or deploy the newer release`;

/** How the result of each activity is parsed. */
export type ActivityResults<A> = { readonly [Name in keyof A]: Parser<ResultOf<A[Name]>> };

/** Calls an activity once and returns its outcome, which is `unknown` if its result cannot be read. */
export function callOnce<A, Name extends keyof A & string>(
  activity: Name,
  request: RequestOf<A[Name]>,
  parseResult: Parser<ResultOf<A[Name]>>,
  options: ActivityOptions,
): Promise<ActivityOutcome<ResultOf<A[Name]>>> {
  return new Promise((resolve, reject) => {
    callActivity({ activity, request, options, parseResult }, resolve, reject);
  });
}

/** The type of the failure of an activity that was given up. Its details are the type and the message of the last attempt's failure, if known. */
export const ACTIVITY_FAILED = 'ActivityFailed';

/**
 * Returns a function that calls idempotent activities by name, and again if the result was not authentic, or could not be read.
 *
 * @throws ApplicationFailure of type `ACTIVITY_FAILED` if the activity has failed
 */
export function activityCaller<A>(results: ActivityResults<A>, options: ActivityOptions) {
  return async <Name extends keyof A & string>(
    activity: Name,
    request: RequestOf<A[Name]>,
  ): Promise<ResultOf<A[Name]>> => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await callOnce<A, Name>(activity, request, results[activity], options);
      if (outcome.kind === 'succeeded') return outcome.result;
      if (outcome.kind === 'unknown' && attempt < MAX_ATTEMPTS) continue;
      const problem = outcome.kind === 'failed' ? `${outcome.type}: ${outcome.message}` : outcome.kind;
      const message = `the activity '${activity}' has failed: ${problem}`;
      const details = outcome.kind === 'failed' ? [outcome.type, outcome.message] : [];
      throw ApplicationFailure.nonRetryable(message, ACTIVITY_FAILED, ...details);
    }
  };
}
