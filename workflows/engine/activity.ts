import { ApplicationFailure } from '@temporalio/common';
import { EnvelopeError, open, seal } from './core/envelope.ts';
import type { RequestOf } from './core/effects.ts';
import { listOf, objectOf, parseText, parseUnknown, UnreadableValue } from './core/parse-values.ts';
import type { Parser } from './core/parse-values.ts';

export * from './core/parse-values.ts';

/** What the activities of a workflow on the engine need: nothing of `@temporalio/workflow` is imported here. */

/** The workflow run that an activity belongs to, and its type. */
export interface ActivityScope {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly activityType: string;
}

/** The request of a workflow to an activity. */
export interface ActivityOrder<Request = unknown> extends ActivityScope {
  readonly request: Request;
}

/** The body of an activity's failure. */
export interface ActivityFailureBody {
  readonly type: string;
  readonly message: string;
  readonly details: readonly unknown[];
}

const parseOrder: Parser<ActivityOrder> = objectOf({
  workflowId: parseText,
  runId: parseText,
  workflowType: parseText,
  activityType: parseText,
  request: parseUnknown,
});

export const parseActivityFailure: Parser<ActivityFailureBody> = objectOf({
  type: parseText,
  message: parseText,
  details: listOf(parseUnknown),
});

/** The part of the SDK's `Context.current().info` that the engine reads. */
export interface ActivityInfo {
  readonly workflowExecution?: { readonly workflowId: string; readonly runId: string } | undefined;
  readonly workflowType?: string | undefined;
  readonly activityType: string;
}

/** How the request of each activity is parsed. */
export type ActivityRequests<A> = { readonly [Name in keyof A]: Parser<RequestOf<A[Name]>> };

/** The failure of an activity that was not carried out, since this release cannot read its request. It is retried. */
export const REQUEST_UNREADABLE = 'RequestUnreadable';

/**
 * Registers activities for workflows on the engine: each receives only its request, and only if the order was made for this
 * very run, workflow type and activity type; its result and its failures answer that order.
 *
 * @param activities each takes one request
 * @param parsers one for the request of each activity, which a workflow of another release may have written
 * @param info gives `Context.current().info`
 */
export function engineActivities<Requests>(
  activities: { readonly [Name in keyof Requests]: (request: Requests[Name]) => Promise<unknown> },
  parsers: { readonly [Name in keyof NoInfer<Requests>]: Parser<NoInfer<Requests>[Name]> },
  info: () => ActivityInfo,
): Record<keyof Requests & string, (payload: unknown) => Promise<unknown>> {
  const wrap = <Name extends keyof Requests>(name: Name) => {
    return [name, async (payload: unknown) => carryOut(activities[name], parsers[name], payload, info())] as const;
  };
  const names = Object.keys(activities) as (keyof Requests & string)[];
  return Object.fromEntries(names.map(wrap)) as Record<keyof Requests & string, (payload: unknown) => Promise<unknown>>;
}

async function carryOut<Request>(
  activity: (request: Request) => Promise<unknown>,
  parse: Parser<Request>,
  payload: unknown,
  info: ActivityInfo,
) {
  const { id, request } = openOrder(payload, info);
  const name = info.activityType;
  try {
    return seal(`result:${name}`, id, Date.now(), (await activity(parseRequest(parse, request))) ?? null);
  } catch (error) {
    throw error instanceof ApplicationFailure ? sealFailure(error, name, id) : error;
  }
}

/**
 * Opens the order of an activity.
 *
 * @throws ApplicationFailure of type `OrderRefused`, not retryable, if it was not made for this activity of this run
 */
export function openOrder(payload: unknown, info: ActivityInfo): { readonly id: string; readonly request: unknown } {
  const type = `activity:${info.activityType}` as const;
  try {
    const { id, body } = open(payload, type);
    const order = parseOrder(body, 'order');
    const isOurs =
      order.workflowId === info.workflowExecution?.workflowId &&
      order.runId === info.workflowExecution.runId &&
      order.workflowType === info.workflowType &&
      order.activityType === info.activityType;
    if (!isOurs) throw new EnvelopeError('wrongContext', type);
    return { id, request: order.request };
  } catch (error) {
    if (!(error instanceof EnvelopeError || error instanceof UnreadableValue)) throw error;
    throw ApplicationFailure.nonRetryable(error.message, 'OrderRefused');
  }
}

/** @throws ApplicationFailure of type `RequestUnreadable`: a worker of the release that wrote the request can carry it out */
function parseRequest<Request>(parse: Parser<Request>, request: unknown): Request {
  try {
    return parse(request, 'request');
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error;
    throw ApplicationFailure.retryable(`this release cannot read the request: ${error.message}`, REQUEST_UNREADABLE);
  }
}

/** Returns the same failure for the server, with an envelope in its details that the workflow can authenticate. */
function sealFailure(failure: ApplicationFailure, name: string, id: string): ApplicationFailure {
  const { message, nonRetryable, nextRetryDelay, cause, category } = failure;
  const type = failure.type ?? 'Error';
  const body: ActivityFailureBody = { type, message, details: failure.details ?? [] };
  return ApplicationFailure.create({
    type,
    message,
    details: [seal(`failure:${name}`, id, Date.now(), body)],
    ...(nonRetryable != null && { nonRetryable }),
    ...(nextRetryDelay != null && { nextRetryDelay }),
    ...(cause !== undefined && { cause }),
    ...(category != null && { category }),
  });
}
