import { BUSY } from '../../workflows/engine/core/definition.ts';
import type { UpdateDefinition } from '../../workflows/engine/core/definition.ts';
import { attributeKeys } from '../../workflows/contract.ts';
import type { Signup } from '../../workflows/contract.ts';
import { updates } from '../../workflows/journey-updates.ts';
import type { JourneyEvent } from '../../workflows/journey/events.ts';
import type { LogEntry } from '../../workflows/journey/stored/log.ts';
import { parseConfirmReply, parseSendReply, parseUserRecord } from '../../workflows/journey/stored/parse-replies.ts';
import type { ProviderReply } from '../../workflows/journey/replies.ts';
import { applyEvent, fireDueTimers, startJourney } from '../../workflows/journey/transition.ts';
import type { Effect, Journey, Machine, Step } from '../../workflows/journey/transition.ts';
import {
  toConfirmFailure,
  toConfirmReply,
  toRecordFailure,
  toRecordReply,
  toSendFailure,
  toSendReply,
} from '../../workflows/provider-replies.ts';
import { searchStateOf } from '../../workflows/search-attributes.ts';
import type { TaskInput, WorkflowTask } from './workflow-tasks.ts';

type Outcome = Extract<TaskInput, { readonly type: 'outcome' }>['outcome'];
type Update = UpdateDefinition<Machine, LogEntry, unknown>;

/** The provider's reply in the outcome of each activity whose outcome is an event of the machine. */
const replyOf: { readonly [activity: string]: (outcome: Outcome, at: number) => ProviderReply } = {
  sendCode: (outcome, at) =>
    outcome.kind === 'succeeded' ? toSendReply(parseSendReply(outcome.result, 'result')) : toSendFailure(outcome, at),
  confirmCode: (outcome) =>
    outcome.kind === 'succeeded'
      ? toConfirmReply(parseConfirmReply(outcome.result, 'result'))
      : toConfirmFailure(outcome),
  readUser: (outcome) =>
    outcome.kind === 'succeeded' ? toRecordReply(parseUserRecord(outcome.result, 'result')) : toRecordFailure(outcome),
};

const activityOf: { readonly [E in Effect['type']]: string | null } = {
  send: 'sendCode',
  confirm: 'confirmCode',
  readUser: 'readUser',
  stopSend: null,
};

/**
 * Runs what the workflow tasks of a journey have handed to it through the machine. The activities that the machine requests, its
 * revisions and its search attributes must be those of the history, which another release may have written.
 *
 * The order of events within a task is decided by the SDK and the engine, and so is the turn of a command that waits. Neither is
 * repeated here.
 *
 * @returns the journey; `undefined` if the history does not clearly say what happened
 * @throws UnreadableValue, CommandError
 */
export function replayTasks(signup: Signup, [first, ...others]: readonly WorkflowTask[]): Journey | undefined {
  if (first === undefined || eventsOf(first).length > 0) return undefined;
  const start = startJourney({ ...signup, at: first.at });
  if (!agrees(start, first)) return undefined;
  let { journey } = start;
  const handled = new Set<string>();
  for (const task of others) {
    const [input, another] = eventsOf(task);
    const step = input === undefined ? { journey, effects: [] } : apply(journey, input, task.at, handled);
    if (another !== undefined || step === undefined || !agrees(step, task)) return undefined;
    for (const { key } of task.replies) if (key !== null) handled.add(key);
    ({ journey } = step);
  }
  return journey;
}

const eventsOf = ({ inputs }: WorkflowTask) =>
  inputs.filter((input) => input.type !== 'outcome' || Object.hasOwn(replyOf, input.activity));

function apply(journey: Journey, input: TaskInput, at: number, handled: ReadonlySet<string>): Step | undefined {
  switch (input.type) {
    case 'timer':
      return fireDueTimers(journey, at);
    case 'outcome': {
      const reply = replyOf[input.activity]?.(input.outcome, at);
      return reply && applyEvent(journey, { ...reply, at });
    }
    case 'update':
      return applyUpdate(journey, input, at, handled);
  }
}

function applyUpdate(
  journey: Journey,
  { name, command: { key, request } }: Extract<TaskInput, { readonly type: 'update' }>,
  at: number,
  handled: ReadonlySet<string>,
): Step | undefined {
  const update = (updates as { readonly [name: string]: Update | undefined })[name];
  if (update === undefined) return undefined;
  const { waitWhile = { [BUSY]: true } } = update;
  if (Object.keys(waitWhile).some((tag) => journey.snapshot.hasTag(tag as typeof BUSY))) return undefined;
  const parsed = update.parse(request, 'request');
  const isRepeated = key !== null && handled.has(key);
  if (isRepeated || update.alreadyDone?.(parsed, journey) !== undefined) return { journey, effects: [] };
  const event = { ...update.event(parsed, journey), at } as JourneyEvent;
  return journey.snapshot.can(event) ? applyEvent(journey, event) : undefined;
}

function agrees({ journey, effects }: Step, { scheduled, replies, searchAttributes }: WorkflowTask): boolean {
  const requested = effects.flatMap(({ type }) => activityOf[type] ?? []);
  const calls = scheduled.filter((activity) => Object.hasOwn(replyOf, activity));
  if (requested.join() !== calls.join()) return false;
  if (replies.some(({ view }) => (Object(view) as { readonly revision?: unknown }).revision !== journey.revision))
    return false;
  // An ended journey does not update its search attributes: the status of the execution says how it ended.
  if (journey.snapshot.status === 'done') return true;
  const shown = searchStateOf(journey.snapshot);
  return (['state', 'step', 'reason'] as const).every(
    (name) => shown[name] === (searchAttributes[attributeKeys[name].name] ?? null),
  );
}
