import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  log,
  sleep,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { AnyStateMachine } from 'xstate';
import { callActivity } from './activity-effects.ts';
import type { ActivityOutcome } from './activity-effects.ts';
import type { EndBody } from '../client.ts';
import { CommandError } from '../core/definition.ts';
import type { AnyDefinition, AnyState, End, LastActivity, WorkflowDefinition } from '../core/definition.ts';
import type { Effects } from '../core/effects.ts';
import { checkAge, EnvelopeError, open, parseGate, RequestGate, seal } from '../core/envelope.ts';
import type { Envelope, StoredGate } from '../core/envelope.ts';
import { newestCommands, parseHandledCommands } from '../core/handled-commands.ts';
import type { HandledCommands } from '../core/handled-commands.ts';
import { objectOf, parseFields, parseText, parseUnknown } from '../core/parse-values.ts';
import type { Parser } from '../core/parse-values.ts';
import { MessageHandlers } from './message-handlers.ts';
import type { StoredFields } from '../core/migrations.ts';
import type { Model } from '../core/model.ts';
import { MachineRuntime } from './runtime.ts';
import { restoreState, storeState } from '../core/snapshot.ts';
import { initialStep } from '../core/transition.ts';
import type { Step } from '../core/transition.ts';

/** The waits between two calls of a last activity that has not succeeded. */
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 10 * 60_000;

/** The input of the next run. */
interface Continuation {
  readonly runId: string;
  readonly stored: StoredFields;
  readonly handled: HandledCommands;
  readonly gate: StoredGate;
  readonly constants: unknown;
}

const parseContinuation: Parser<Continuation> = objectOf({
  runId: parseText,
  stored: parseFields,
  handled: parseHandledCommands,
  gate: parseGate,
  constants: parseUnknown,
});

interface Beginning {
  readonly step: Step<AnyStateMachine, Effects>;
  readonly gate: RequestGate;
  readonly handled: HandledCommands;
  readonly constants: unknown;
  readonly isFirstRun: boolean;
}

/** A workflow function: its argument is a `start` envelope, its result an `end` envelope. */
export type MachineWorkflow = (payload: unknown) => Promise<Envelope<EndBody>>;

/** Makes workflows of one model. */
export interface WorkflowSetup<M extends AnyStateMachine, E extends Effects, Entry, A> {
  /** @returns the workflow's function, to be exported under the name of its type */
  createWorkflow<Start, Requests extends Record<string, unknown>, Constants = undefined>(
    this: void,
    definition: WorkflowDefinition<M, E, Entry, A, Start, Constants, Requests>,
  ): MachineWorkflow;
}

/**
 * Begins the definition of a workflow, in two steps as XState's own `setup` does, so that the second knows all types of the first.
 *
 * @param types `activities`: the interface of the activities that effects may call, as `{} as Activities`
 */
export function setupWorkflow<M extends AnyStateMachine, E extends Effects, Entry, A>({
  model,
}: {
  readonly model: Model<M, E, Entry>;
  readonly types: { readonly activities: A };
}): WorkflowSetup<M, E, Entry, A> {
  return {
    createWorkflow(definition) {
      // Types are checked where a workflow is defined; beyond this point any machine is run in the same way.
      const known = { ...definition, model } as unknown as AnyDefinition;
      return (payload) => runMachine(known, payload);
    },
  };
}

async function runMachine(definition: AnyDefinition, payload: unknown): Promise<Envelope<EndBody>> {
  const cancelRequested = CancellationScope.current().cancelRequested;
  // A cancellation from outside is an event for the machine; it must not cut off what is in flight.
  return CancellationScope.nonCancellable(async () => {
    const { step, gate, handled, constants, isFirstRun } = begin(definition, payload);
    const runtime = new MachineRuntime(definition, step, constants);
    if (isFirstRun) runtime.announce();
    const handlers = new MessageHandlers(definition, runtime, gate, handled);
    handlers.register();
    let isCancelled = false;
    cancelRequested.catch(() => {
      const toEvent = definition.cancelEvent?.bind(definition);
      if (toEvent !== undefined) void handlers.sendInTurn(() => ({ ...toEvent(runtime.state), at: Date.now() }));
      else {
        isCancelled = true;
        runtime.wake();
      }
    });

    const isIdle = () => runtime.isSettled && allHandlersFinished();
    await runtime.run(() => isCancelled || (isIdle() && (runtime.isDone || workflowInfo().continueAsNewSuggested)));
    if (isCancelled) return cancelRequested;
    if (runtime.isDone) return end(definition, runtime.state, constants, cancelRequested);
    const { workflowType, runId } = workflowInfo();
    const body: Continuation = {
      runId,
      stored: { ...storeState(definition.model, runtime.state) },
      handled: newestCommands(handlers.handled),
      gate: gate.store(Date.now()),
      constants,
    };
    return continueAsNew<MachineWorkflow>(seal(`continue:${workflowType}`, uuid4(), Date.now(), body));
  });
}

/**
 * A workflow begins with a start, or continues the previous run, which another version may have executed. What this version cannot
 * read fails the workflow task, not the workflow: its state is stored nowhere else, and the right code can continue it.
 */
function begin(definition: AnyDefinition, payload: unknown): Beginning {
  const { workflowType, continuedFromExecutionRunId, startTime } = workflowInfo();
  try {
    if (continuedFromExecutionRunId !== undefined && isContinuation(payload)) {
      const { body } = open(payload, `continue:${workflowType}`);
      const { runId, stored, handled, gate, ...rest } = parseContinuation(body, 'continuation');
      if (runId !== continuedFromExecutionRunId) throw new EnvelopeError('wrongContext', `continue:${workflowType}`);
      const step = { state: restoreState(definition.model, stored), effects: [] };
      const constants = definition.constants?.parse(rest.constants, 'constants');
      return { step, gate: new RequestGate(gate), handled, constants, isFirstRun: false };
    }
    const envelope = open(payload, `start:${workflowType}`);
    // A worker may start later than the workflow: what counts is the time at which the server accepted the start.
    checkAge(envelope, startTime.getTime());
    const start = definition.parseStart(envelope.body);
    const at = Date.now();
    const step = initialStep(definition.model, definition.input(start, at), at, definition.firstRevision?.(start));
    const gate = new RequestGate({ notBefore: envelope.at, seen: {} });
    return { step, gate, handled: {}, constants: definition.constants?.from(start), isFirstRun: true };
  } catch (error) {
    if (!(error instanceof EnvelopeError || error instanceof CommandError)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'StartRefused');
  }
}

const isContinuation = (payload: unknown) =>
  typeof payload === 'object' && payload !== null && 'type' in payload && String(payload.type).startsWith('continue:');

async function end(
  definition: AnyDefinition,
  state: AnyState,
  constants: unknown,
  cancelRequested: Promise<never>,
): Promise<Envelope<EndBody>> {
  const { workflowType, runId } = workflowInfo();
  const ended: End = definition.end?.(state, constants) ?? { as: 'completed', result: state.snapshot.output ?? null };
  const envelope = seal(`end:${workflowType}`, uuid4(), Date.now(), { runId, result: ended.result });
  switch (ended.as) {
    case 'completed':
      return envelope;
    case 'failed': {
      const { type, message } = ended;
      throw ApplicationFailure.create({ type, message, nonRetryable: true, details: [envelope] });
    }
    case 'cancelled':
      upsertMemo({ [ended.memo]: envelope });
      if (ended.last !== undefined) await callLast(ended.last);
      return requestOwnCancellation(definition, cancelRequested);
  }
}

/** Repeats an activity until it has succeeded. An outcome that is not authentic counts as a failure. */
async function callLast({ activity, request, options }: LastActivity): Promise<void> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, MAX_WAIT_MS)) {
    const { kind } = await new Promise<ActivityOutcome>((settle, fail) =>
      callActivity({ activity, request, options, parseResult: parseUnknown }, settle, fail),
    );
    if (kind === 'succeeded') return;
    log.warn('the last activity of this workflow has not succeeded; it is repeated', { activity, outcome: kind });
    await sleep(wait);
  }
}

/**
 * Temporal ends a workflow as cancelled only if its cancellation was requested from outside. An activity of the workflow requests it,
 * unless a person has already done so in Temporal's UI.
 */
async function requestOwnCancellation(
  { cancelActivity }: AnyDefinition,
  cancelRequested: Promise<never>,
): Promise<never> {
  if (cancelActivity === undefined) throw new Error('an end as cancelled needs a `cancelActivity`');
  await Promise.race([
    cancelRequested,
    new Promise<void>((done, fail) => {
      const options = { startToCloseTimeout: '10 s' } as const;
      callActivity({ activity: cancelActivity, request: null, options, parseResult: parseUnknown }, () => done(), fail);
    }),
  ]).catch(() => {});
  return cancelRequested;
}
