import { SpanKind } from '@opentelemetry/api';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { inSpan } from '../client/spans.ts';
import { traceOf } from '../client/trace-header.ts';

/** Makes a span of every try of an activity, in the trace of whoever had it scheduled. */
export function traceActivities({ info }: Context): ActivityInterceptors {
  const attributes = {
    'temporal.workflow.id': info.workflowExecution?.workflowId ?? '',
    'temporal.activity.attempt': info.attempt,
  };
  return {
    inbound: {
      execute: (input, next) =>
        inSpan(info.activityType, { kind: SpanKind.CONSUMER, attributes }, () => next(input), traceOf(input.headers)),
    },
  };
}
