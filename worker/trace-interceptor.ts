import { SpanKind } from '@opentelemetry/api';
import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { withSpan } from '../client/telemetry/spans.ts';
import { traceOf } from '../client/telemetry/propagation.ts';

/** Creates a span for every attempt of an activity, in the trace of its caller. */
export function traceActivities({ info }: Context): ActivityInterceptors {
  const attributes = {
    'temporal.workflow.id': info.workflowExecution?.workflowId ?? '',
    'temporal.activity.attempt': info.attempt,
  };
  return {
    inbound: {
      execute: (input, next) =>
        withSpan(info.activityType, { kind: SpanKind.CONSUMER, attributes }, () => next(input), traceOf(input.headers)),
    },
  };
}
