import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, SerializationContext } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { parseActivityFailure } from '../../workflows/engine/activity.ts';
import { parseCommand, parseReply } from '../../workflows/engine/client.ts';
import type { Command, CommandReply } from '../../workflows/engine/client.ts';
import type { EffectFailure } from '../../workflows/engine/core/effects.ts';
import { EnvelopeError, open } from '../../workflows/engine/core/envelope.ts';
import type { Envelope, EnvelopeType } from '../../workflows/engine/core/envelope.ts';
import { millisecondsOf } from '../temporal/event-time.ts';
import { decodePayload } from '../temporal/messages.ts';
import { activityContext, workflowContext } from '../temporal/serialization-context.ts';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Something that a workflow task has handed to the journey. */
export type TaskInput =
  | { readonly type: 'timer' }
  | {
      readonly type: 'outcome';
      readonly activity: string;
      readonly outcome: { readonly kind: 'succeeded'; readonly result: unknown } | EffectFailure;
    }
  | { readonly type: 'update'; readonly name: string; readonly command: Command };

/** A completed workflow task. */
export interface WorkflowTask {
  /** The time of the workflow's clock, in milliseconds since 1970. */
  readonly at: number;
  readonly inputs: readonly TaskInput[];
  /** The activities that were scheduled. */
  readonly scheduled: readonly string[];
  /** The replies to the updates that were completed. */
  readonly replies: readonly CommandReply[];
  /** The search attributes after it, by the names of the server. */
  readonly searchAttributes: SearchAttributeValues;
}

type SearchAttributeValues = Readonly<Record<string, unknown>>;

interface OpenTask extends WorkflowTask {
  readonly inputs: TaskInput[];
  readonly scheduled: string[];
  readonly replies: CommandReply[];
  searchAttributes: SearchAttributeValues;
}

/** The history has an event that this reader does not know, or a payload that is not authentic. */
export class UnknownEvent extends Error {}

/** Events that say nothing about what happened to a journey, by their attributes. */
const ignored = [
  'workflowTaskScheduledEventAttributes',
  'workflowTaskFailedEventAttributes',
  'workflowTaskTimedOutEventAttributes',
  'activityTaskStartedEventAttributes',
  'activityTaskCancelRequestedEventAttributes',
  'timerStartedEventAttributes',
  'timerCanceledEventAttributes',
  'workflowPropertiesModifiedEventAttributes',
] as const satisfies readonly (keyof HistoryEvent)[];

/** Reads the workflow tasks of a history, from its first event on. Events after the last completed task are left out. */
export class WorkflowTaskReader {
  readonly #tasks: OpenTask[] = [];
  readonly #startedAt = new Map<string, number>();
  readonly #activities = new Map<string, { readonly type: string; readonly id: string; readonly activityId: string }>();
  /** The names of the updates, by the events at which they were accepted. */
  readonly #updates = new Map<string, string>();
  readonly #client: Client;
  readonly #workflowId: string;
  /** Since the last completed workflow task. */
  #inputs: TaskInput[] = [];
  #searchAttributes: SearchAttributeValues = {};

  constructor(client: Client, workflowId: string) {
    this.#client = client;
    this.#workflowId = workflowId;
  }

  /** @throws UnknownEvent, UnreadableValue */
  async read(events: readonly HistoryEvent[]): Promise<readonly WorkflowTask[]> {
    for (const event of events) await this.#take(event);
    return this.#tasks;
  }

  async #take(event: HistoryEvent): Promise<void> {
    const { activityTaskScheduledEventAttributes: scheduled, workflowTaskCompletedEventAttributes: completed } = event;
    if (event.workflowTaskStartedEventAttributes != null) {
      this.#startedAt.set(String(event.eventId), millisecondsOf(event.eventTime));
    } else if (completed != null) {
      const at = this.#startedAt.get(String(completed.startedEventId)) ?? Number.NaN;
      const searchAttributes = this.#searchAttributes;
      this.#tasks.push({ at, inputs: this.#inputs, scheduled: [], replies: [], searchAttributes });
      this.#inputs = [];
    } else if (scheduled != null) {
      const { activityType, activityId, input } = scheduled;
      const type = activityType?.name ?? '';
      this.#current.scheduled.push(type);
      const context = activityContext(this.#client, this.#workflowId, activityId ?? '');
      const { id } = await this.#open(input?.payloads?.[0], `activity:${type}`, context);
      this.#activities.set(String(event.eventId), { type, id, activityId: activityId ?? '' });
    } else if (event.timerFiredEventAttributes != null) {
      this.#inputs.push({ type: 'timer' });
    } else if (
      !this.#takeSearchAttributes(event) &&
      !(await this.#takeOutcome(event)) &&
      !(await this.#takeUpdate(event))
    ) {
      if (!ignored.some((name) => event[name] != null)) throw new UnknownEvent();
    }
  }

  #takeSearchAttributes(event: HistoryEvent): boolean {
    const started = event.workflowExecutionStartedEventAttributes;
    const changed = started ?? event.upsertWorkflowSearchAttributesEventAttributes;
    if (changed == null) return false;
    const values = Object.entries(changed.searchAttributes?.indexedFields ?? {}).map(([name, payload]) => {
      const value = readValue(payload);
      // A keyword may be written as a list of one.
      return [name, Array.isArray(value) ? (value[0] as unknown) : value] as const;
    });
    this.#searchAttributes = { ...this.#searchAttributes, ...Object.fromEntries(values) };
    if (started == null) this.#current.searchAttributes = this.#searchAttributes;
    return true;
  }

  async #takeOutcome(event: HistoryEvent): Promise<boolean> {
    const {
      activityTaskCompletedEventAttributes: completed,
      activityTaskFailedEventAttributes: failed,
      activityTaskTimedOutEventAttributes: timedOut,
    } = event;
    const ended = completed ?? failed ?? timedOut;
    if (ended == null) return false;
    const activity = this.#activities.get(String(ended.scheduledEventId));
    if (activity === undefined) throw new UnknownEvent();
    const { type, id, activityId } = activity;
    const context = activityContext(this.#client, this.#workflowId, activityId);
    const add = (outcome: Extract<TaskInput, { readonly type: 'outcome' }>['outcome']) =>
      this.#inputs.push({ type: 'outcome', activity: type, outcome });
    if (completed != null) {
      const { body } = await this.#open(completed.result?.payloads?.[0], `result:${type}`, context, id);
      add({ kind: 'succeeded', result: body });
    } else if (failed?.failure?.applicationFailureInfo != null) {
      const [details] = failed.failure.applicationFailureInfo.details?.payloads ?? [];
      const { body } = await this.#open(details, `failure:${type}`, context, id);
      add({ kind: 'failed', ...parseActivityFailure(body, 'failure') });
    } else add({ kind: 'unknown' });
    return true;
  }

  async #takeUpdate(event: HistoryEvent): Promise<boolean> {
    const {
      workflowExecutionUpdateAcceptedEventAttributes: accepted,
      workflowExecutionUpdateCompletedEventAttributes: completed,
    } = event;
    const context = workflowContext(this.#client, this.#workflowId);
    if (accepted != null) {
      const { name = '', args } = accepted.acceptedRequest?.input ?? {};
      const { body } = await this.#open(args?.payloads?.[0], `update:${name ?? ''}`, context);
      this.#current.inputs.push({ type: 'update', name: name ?? '', command: parseCommand(body, 'command') });
      this.#updates.set(String(event.eventId), name ?? '');
    } else if (completed?.outcome?.success != null) {
      const name = this.#updates.get(String(completed.acceptedEventId)) ?? '';
      const { body } = await this.#open(completed.outcome.success.payloads?.[0], `reply:${name}`, context);
      this.#current.replies.push(parseReply(body, 'reply'));
    }
    return accepted != null || completed != null;
  }

  /** The newest completed workflow task, which has caused the events that follow it. */
  get #current(): OpenTask {
    const task = this.#tasks.at(-1);
    if (task === undefined) throw new UnknownEvent();
    return task;
  }

  async #open(
    payload: Payload | null | undefined,
    type: EnvelopeType,
    context: SerializationContext,
    id?: string,
  ): Promise<Envelope> {
    try {
      return open(await decodePayload(this.#client, payload, context), type, id);
    } catch (error) {
      throw error instanceof EnvelopeError ? new UnknownEvent() : error;
    }
  }
}

/** Search attributes are not encrypted, and anyone who can write to Temporal can set any. */
function readValue(payload: Payload): unknown {
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    throw new UnknownEvent();
  }
}
