import type { Headers, WorkflowInterceptors } from '@temporalio/workflow';

/** The header in which a trace travels from a client to the activities: one payload, `{traceparent, tracestate}` of W3C Trace Context. */
export const TRACE_HEADER = 'onward-trace';

/**
 * Passes the trace of the start, and then of the newest update, on to the activities that are scheduled. Without one
 * nothing is added, and nothing of it is a command: histories are the same with and without.
 */
export function interceptors(): WorkflowInterceptors {
  let trace: Headers[string] | undefined;
  const hear = ({ headers }: { readonly headers: Headers }) => void (trace = headers[TRACE_HEADER]);
  return {
    inbound: [
      {
        execute: (input, next) => (hear(input), next(input)),
        handleUpdate: (input, next) => (hear(input), next(input)),
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
