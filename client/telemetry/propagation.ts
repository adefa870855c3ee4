import { context, propagation, SpanKind } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';
import { TRACE_HEADER } from '../../workflows/trace-interceptor.ts';
import { withSpan } from './spans.ts';

/** Adds the active trace context to the headers, if a span is recorded. */
function withTrace(headers: Headers): Headers {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  if (Object.keys(carrier).length === 0) return headers;
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) };
}

/** Reads the trace context from the headers. */
export function traceOf(headers: Headers): Context {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return context.active();
  return propagation.extract(context.active(), defaultPayloadConverter.fromPayload<Record<string, string>>(payload));
}

const called = (workflowId: string) => ({ kind: SpanKind.CLIENT, attributes: { 'temporal.workflow.id': workflowId } });

/** Creates a span for every start and update and passes its context to the workflow. */
export const traceClient: WorkflowClientInterceptor = {
  startWithDetails: (input, next) =>
    withSpan(`start ${input.workflowType}`, called(input.options.workflowId), () =>
      next({ ...input, headers: withTrace(input.headers) }),
    ),
  startUpdate: (input, next) =>
    withSpan(`update ${input.updateName}`, called(input.workflowExecution.workflowId), () =>
      next({ ...input, headers: withTrace(input.headers) }),
    ),
  startUpdateWithStart: (input, next) =>
    withSpan(`update ${input.updateName} with start`, called(input.workflowStartOptions.workflowId), () =>
      next({
        ...input,
        workflowStartHeaders: withTrace(input.workflowStartHeaders),
        updateHeaders: withTrace(input.updateHeaders),
      }),
    ),
};
