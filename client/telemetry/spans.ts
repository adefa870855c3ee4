import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { ApplicationFailure } from '@temporalio/common';

/** Spans have no effect and almost no cost before `startTracing`. They contain no bodies and no error messages. */

/** Returns Onward's tracer. */
export function tracer(): Tracer {
  return trace.getTracer('onward');
}

/** An HTTP request that a process serves. */
export interface ServedRequest {
  readonly method: string;
  /** The route's pattern, such as `/v1/users/:id/onboarding`. */
  readonly route: string;
  /** The trace of `traceparent`, if present, is continued. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface RequestSpan {
  /** Runs a function in the context of the request. */
  run<T>(serve: () => T): T;
  /** Ends the span with the status of the reply. */
  end(status: number): void;
}

/** Starts the span of a request. Calls to Temporal become its children. */
export function beginRequest({ method, route, headers }: ServedRequest): RequestSpan {
  const from = propagation.extract(context.active(), headers);
  const attributes = { 'http.request.method': method, 'http.route': route };
  const span = tracer().startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, from);
  const inside = trace.setSpan(from, span);
  return {
    run: (serve) => context.with(inside, serve),
    end: (status) => {
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/**
 * Runs a function in a span. An error adds its name to the span, but not its message, which may contain user data.
 *
 * @param from the parent context; default: the active context
 */
export async function withSpan<T>(
  name: string,
  options: SpanOptions,
  run: () => Promise<T>,
  from: Context = context.active(),
): Promise<T> {
  const span = tracer().startSpan(name, options, from);
  try {
    return await context.with(trace.setSpan(from, span), run);
  } catch (error) {
    fail(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function fail(span: Span, error: unknown): void {
  span.setAttribute('error.type', nameOf(error));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function nameOf(error: unknown): string {
  if (error instanceof ApplicationFailure && typeof error.type === 'string') return error.type;
  return error instanceof Error ? error.name : 'unknown';
}
