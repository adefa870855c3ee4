import { context, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export interface TracingOptions {
  /** Base URL of an OTLP/HTTP collector, as in `OTEL_EXPORTER_OTLP_ENDPOINT`; `/v1/traces` is appended. */
  readonly endpoint: string;
  readonly serviceName: string;
}

/** The traces of a process. Neither method rejects: if the collector is unavailable, only traces are lost. */
export interface Tracing {
  /** Sends the buffered spans. */
  flush(): Promise<void>;
  /** Sends the buffered spans and stops tracing. */
  close(): Promise<void>;
}

/** A process must not wait long for its collector when it ends. */
const EXPORT_TIMEOUT_MS = 5_000;

/** Starts sending the spans of this process. Call it once per process; before that, spans are discarded. */
export function startTracing({ endpoint, serviceName }: TracingOptions): Tracing {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
  });
  // No baggage: a caller's baggage would be stored in workflow histories.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  const stop = async () => {
    await provider.shutdown().catch(() => {});
    trace.disable();
    context.disable();
    propagation.disable();
  };
  return { flush: () => provider.forceFlush().catch(() => {}), close: stop };
}
