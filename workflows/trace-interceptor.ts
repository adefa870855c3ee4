import type { Headers, WorkflowInterceptors } from '@temporalio/workflow';

/** The header that carries a trace from a client to the activities: one payload, `{traceparent, tracestate}` of W3C Trace Context. */
export const TRACE_HEADER = 'onward-trace';

/**
 * Propagates the trace of the start, and then of the newest update, to scheduled activities. It adds no commands, so histories
 * replay the same with and without a trace.
 */
export function interceptors(): WorkflowInterceptors {
  let trace: Headers[string] | undefined;
  const readTrace = ({ headers }: { readonly headers: Headers }) => void (trace = headers[TRACE_HEADER]);
  return {
    inbound: [
      {
        execute: (input, next) => (readTrace(input), next(input)),
        handleUpdate: (input, next) => (readTrace(input), next(input)),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) =>
          next(trace === undefined ? input : { ...input, headers: { ...input.headers, [TRACE_HEADER]: trace } }),
      },
    ],
  };
}
