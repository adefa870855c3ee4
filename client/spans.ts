import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { ApplicationFailure } from '@temporalio/common';

/** Spans: of no effect, and next to no cost, until `startTracing`. They hold no bodies, and no words of an error. */

/** What spans are made with. */
export function tracer(): Tracer {
  return trace.getTracer('onward');
}

/** A request that a process serves. */
export interface ServedRequest {
  readonly method: string;
  /** The route's pattern, such as `/v1/users/:id/onboarding`. */
  readonly route: string;
  /** Its own trace goes on, where it has one (`traceparent`). */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface RequestSpan {
  /** Runs this, and all that comes of it, as part of the request. */
  run<T>(serve: () => T): T;
  /** Ends the span with the status of the reply. */
  end(status: number): void;
}

/** Begins the span of a request; the calls to Temporal that it leads to stand below it. */
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
 * Runs something as a span. An error leaves its name there and never its words, which are not made for strangers.
 *
 * @param from where it belongs; by default to what runs already
 */
export async function inSpan<T>(
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
