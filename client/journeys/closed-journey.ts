import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { z } from 'zod';
import type { temporal } from '@temporalio/proto';
import { openEnd } from '../../workflows/engine/client.ts';
import { parseFields, UnreadableValue } from '../../workflows/engine/core/parse-values.ts';
import type { Parser } from '../../workflows/engine/core/parse-values.ts';
import { attributeKeys, RESULT_MEMO, journeyId, userOf, WORKFLOW_TYPE } from '../../workflows/contract.ts';
import type { JourneyResult } from '../../workflows/contract.ts';
import { accountTypes } from '../../workflows/journey/account-types.ts';
import { stallReasons } from '../../workflows/journey/stall-reasons.ts';
import type { AccountType } from '../../workflows/journey/account-types.ts';
import type { StallReason } from '../../workflows/journey/stall-reasons.ts';
import { searchableSteps } from '../../workflows/search-attributes.ts';
import { parseCarried } from '../../workflows/journey/stored/parse-carried.ts';
import { Status as StatusSchema, unknownFields } from '../../workflows/journey/status/status-schema.ts';
import type { TimelineItem as Item } from '../../workflows/journey/status/timeline.ts';
import { isFinal, states } from '../../workflows/journey/status/status.ts';
import type { State, Status } from '../../workflows/journey/status/status.ts';
import { NotFound, Unavailable } from '../errors.ts';
import { decodePayload, describeWorkflow, openOrUnreadable, UNREADABLE } from '../temporal/messages.ts';
import { workflowContext } from '../temporal/serialization-context.ts';

const { HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT } = proto.temporal.api.enums.v1.HistoryEventFilterType;

/** The journey state for each closed execution status: its code (temporal.api.enums.v1.WorkflowExecutionStatus) and its name in visibility. */
const endings = [
  { state: 'done', code: 2, name: 'Completed' },
  { state: 'expired', code: 3, name: 'Failed' },
  { state: 'cancelled', code: 4, name: 'Canceled' },
  { state: 'cancelled', code: 5, name: 'Terminated' },
  // Onward sets no workflow timeout. A timeout set by an operator ends the journey from outside, like a termination.
  { state: 'cancelled', code: 7, name: 'TimedOut' },
] as const satisfies readonly { readonly state: State; readonly code: number; readonly name: string }[];

export type FinalState = (typeof endings)[number]['state'];
export const finalStates: readonly FinalState[] = [...new Set(endings.map(({ state }) => state))];

/** Returns the state of a closed execution; `undefined` if it is open. */
export function finalStateOf(code: number | null | undefined): State | undefined {
  return endings.find((end) => end.code === code)?.state;
}

/** Returns the execution statuses, as visibility names them, that mean this state; empty for states of open journeys. */
export function executionStatusesOf(state: State): string[] {
  return endings.filter((end) => end.state === state).map(({ name }) => name);
}

/**
 * Reads the result of a closed journey, and waits for an open one to close. Needs no worker.
 *
 * @returns `undefined` if it was ended from outside without a result
 * @throws Unavailable if the ending is not this journey's own, or cannot be decrypted
 */
export async function readResult(client: Client, userId: string): Promise<JourneyResult | undefined> {
  const workflowId = journeyId(userId);
  const closed = await closeEventOf(client, workflowId);
  const described = await describeJourney(client, userId);
  const payload = endPayloadOf(closed, described);
  const ended = await openResult(client, described, payload);
  if (ended === UNREADABLE) {
    throw new Unavailable(
      "the ending of this journey cannot be read: it is not the journey's own, or the encryption key is missing; check ONWARD_ENCRYPTION_KEYS",
      { lasting: true },
    );
  }
  return ended;
}

/** Describes the journey of a user. Throws `NotFound` if an execution of another type has its workflow id. */
export async function describeJourney(client: Client, userId: string): Promise<WorkflowExecutionDescription> {
  const described = await describeWorkflow(client, journeyId(userId));
  if (described.type !== WORKFLOW_TYPE) throw new NotFound();
  return described;
}

/** Waits for the end of a workflow, over all of its runs. Returns its last event. */
async function closeEventOf(client: Client, workflowId: string): Promise<temporal.api.history.v1.IHistoryEvent> {
  for (let nextPageToken: Uint8Array | undefined; ;) {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId },
      historyEventFilterType: HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
      waitNewEvent: true,
      skipArchival: true,
      ...(nextPageToken !== undefined && { nextPageToken }),
    });
    const event = page.history?.events?.at(-1);
    if (event !== undefined && event.workflowExecutionContinuedAsNewEventAttributes == null) return event;
    // Without a token, the newest run is read.
    nextPageToken = page.nextPageToken.length === 0 ? undefined : page.nextPageToken;
  }
}

/** The place of the result of a closed journey; `undefined` if it was terminated or cancelled from outside without one. */
function endPayloadOf(
  event: temporal.api.history.v1.IHistoryEvent,
  { raw }: WorkflowExecutionDescription,
): Payload | null | undefined {
  const payload = payloadOf(event);
  return payload === undefined ? raw.workflowExecutionInfo?.memo?.fields?.[RESULT_MEMO] : payload;
}

/** The result in the last event of a journey; `undefined` if it was cancelled, since the result is in the memo then. */
function payloadOf(event: temporal.api.history.v1.IHistoryEvent): Payload | null | undefined {
  const completed = event.workflowExecutionCompletedEventAttributes;
  if (completed != null) return completed.result?.payloads?.[0] ?? null;
  const failed = event.workflowExecutionFailedEventAttributes;
  return failed == null ? undefined : (failed.failure?.applicationFailureInfo?.details?.payloads?.[0] ?? null);
}

/** An execution as far as its result must agree with it. */
type EndedExecution = Pick<WorkflowExecutionDescription, 'workflowId' | 'runId'> & {
  /** `code`: temporal.api.enums.v1.WorkflowExecutionStatus */
  readonly status: { readonly code: number };
};

async function openResult(
  client: Client,
  { workflowId, runId, status }: EndedExecution,
  payload: Payload | null | undefined,
): Promise<JourneyResult | undefined | typeof UNREADABLE> {
  if (payload === undefined) return undefined;
  const value = await decodePayload(client, payload, workflowContext(client, workflowId));
  const stored = openOrUnreadable(() => openEnd(value, WORKFLOW_TYPE, runId));
  if (stored === UNREADABLE) return UNREADABLE;
  const result = parseResult(stored);
  const { state, userId } = result.status;
  // The execution's status is not authentic, so the result is accepted only if it says the same.
  const isOwn = userId === userOf(workflowId) && (finalStateOf(status.code) ?? 'cancelled') === state;
  return isOwn ? result : UNREADABLE;
}

/**
 * Opens the result in the last event of a journey.
 *
 * @returns `undefined` unless the journey has completed or expired with a result of its own
 */
export async function openResultOf(
  client: Client,
  execution: Pick<EndedExecution, 'workflowId' | 'runId'>,
  event: temporal.api.history.v1.IHistoryEvent,
): Promise<JourneyResult | undefined> {
  const state: FinalState = event.workflowExecutionCompletedEventAttributes == null ? 'expired' : 'done';
  const code = endings.find((end) => end.state === state)?.code ?? 0;
  const result = await openResult(client, { ...execution, status: { code } }, payloadOf(event));
  return result === UNREADABLE ? undefined : result;
}

/**
 * Builds a status from what the server stores, without a worker: state, step, stall reason and times; other fields are
 * `null`. A cancelled journey that is still open has its result in the memo, because callers may have seen it already.
 *
 * Anyone who can write to Temporal can write all of it, so a journey that is `done` never comes from here.
 *
 * @throws Unavailable if the execution has completed: only its result can say that the journey is done
 */
export async function statusFromServer(client: Client, described: WorkflowExecutionDescription): Promise<Status> {
  const { raw, typedSearchAttributes: listed, startTime, closeTime, status } = described;
  const memo = raw.workflowExecutionInfo?.memo?.fields?.[RESULT_MEMO];
  const cancelled = await openResult(client, described, memo ?? undefined);
  if (cancelled !== undefined && cancelled !== UNREADABLE) return { ...cancelled.status, live: false };
  const ended = finalStateOf(status.code);
  if (ended === 'done') throw new Unavailable('the ending of this journey cannot be read; retry in a few seconds');
  const since = listed.get(attributeKeys.since)?.toISOString() ?? startTime.toISOString();
  const reason = stallReasonOf(listed.get(attributeKeys.reason));
  const open = ended === undefined;
  return {
    ...unknownFields,
    userId: userOf(described.workflowId),
    accountType: accountTypeOf(listed.get(attributeKeys.account)),
    state: ended ?? openStateOf(listed.get(attributeKeys.state)),
    step: open ? (searchableSteps.find((each) => each === listed.get(attributeKeys.step)) ?? null) : null,
    live: false,
    startedAt: startTime.toISOString(),
    updatedAt: closeTime?.toISOString() ?? since,
    stalled: open && reason !== null ? { reason, since, detail: null, nextRetryAt: null } : null,
  };
}

const [firstState = 'emailPending'] = states;

/** Parses a search attribute of an open journey. A final state in the attribute is ignored, since the journey is open. */
export function openStateOf(listed: unknown): State {
  return states.find((state) => state === listed && !isFinal(state)) ?? firstState;
}

/** Parses the search attribute of the account type; `null` if it is not valid. */
export function accountTypeOf(listed: unknown): AccountType | null {
  return accountTypes.find((type) => type === listed) ?? null;
}

/** Parses the search attribute of the stall reason; `null` if it is not valid. */
export function stallReasonOf(listed: unknown): StallReason | null {
  return stallReasons.find((reason) => reason === listed) ?? null;
}

export const TimelineItem = z.object({
  at: z.string(),
  what: z.string(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
});
const TimelineItems = z.array(TimelineItem);

/** The error for what only a newer release can read, such as a stored value. */
export const unreadableOnThisRelease = (what: string, cause?: Error) =>
  new Unavailable(
    `the ${what} of this journey was written by a release that this one cannot read; deploy the newer release`,
    { lasting: true, ...(cause && { cause }) },
  );

/**
 * Parses a status: a field that the other release did not have is `null`.
 *
 * @throws Unavailable if this release cannot read it
 */
export function parseStatus(value: unknown): Status {
  const { success, data } = StatusSchema.safeParse({ ...unknownFields, ...Object(value) });
  if (success) return data;
  throw unreadableOnThisRelease('status');
}

/** Parses a status that is passed on: fields that only a newer release knows stay in it. */
export const parseStatusToDeliver: Parser<Status> = (value, path) => {
  const fields = parseFields(value, path);
  const { data, error } = StatusSchema.safeParse({ ...unknownFields, ...fields });
  if (data !== undefined) return { ...fields, ...data };
  const [place] = error.issues;
  throw new UnreadableValue([path, ...(place?.path ?? [])].join('.'), 'a value that this release knows');
};

/** @throws Unavailable */
export function parseTimeline(value: unknown): readonly Item[] {
  const { success, data } = TimelineItems.safeParse(value);
  if (success) return data;
  throw unreadableOnThisRelease('timeline');
}

/** @throws Unavailable */
export function parseResult(value: unknown): JourneyResult {
  const { status, timeline, carried } = Object(value) as Readonly<Record<string, unknown>>;
  return { status: parseStatus(status), timeline: parseTimeline(timeline), carried: parseCarried(carried) };
}
