import { context, propagation, SpanKind } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Headers } from '@temporalio/common';
import { TRACE_HEADER } from '../workflows/trace.ts';
import { inSpan } from './spans.ts';

/** Puts the span that runs now into a header, where one is recorded. */
function withTrace(headers: Headers): Headers {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  if (Object.keys(carrier).length === 0) return headers;
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) };
}

/** The trace that a header carries. */
export function traceOf(headers: Headers): Context {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return context.active();
  return propagation.extract(context.active(), defaultPayloadConverter.fromPayload<Record<string, string>>(payload));
}

const called = (workflowId: string) => ({ kind: SpanKind.CLIENT, attributes: { 'temporal.workflow.id': workflowId } });

/** Makes a span of every start and every update, and gives it to the workflow. */
export const traceClient: WorkflowClientInterceptor = {
  startWithDetails: (input, next) =>
    inSpan(`start ${input.workflowType}`, called(input.options.workflowId), () =>
      next({ ...input, headers: withTrace(input.headers) }),
    ),
  startUpdate: (input, next) =>
    inSpan(`update ${input.updateName}`, called(input.workflowExecution.workflowId), () =>
      next({ ...input, headers: withTrace(input.headers) }),
    ),
  startUpdateWithStart: (input, next) =>
    inSpan(`update ${input.updateName} with start`, called(input.workflowStartOptions.workflowId), () =>
      next({
        ...input,
        workflowStartHeaders: withTrace(input.workflowStartHeaders),
        updateHeaders: withTrace(input.updateHeaders),
      }),
    ),
};
