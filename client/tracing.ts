import { context, propagation, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export interface TracingOptions {
  /** The base address of an OTLP collector that takes HTTP, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it: `/v1/traces` is added. */
  readonly endpoint: string;
  readonly serviceName: string;
}

/** The traces of a process. Neither rejects: a collector that is away costs traces, and nothing else. */
export interface Tracing {
  /** Sends what has gathered. */
  flush(): Promise<void>;
  /** Sends what has gathered, and ends. */
  close(): Promise<void>;
}

/** A process must not wait for its collector when it ends. */
const LONGEST_EXPORT = 5_000;

/** Starts to send this process's spans; before that, everything below does nothing. Once for a process. */
export function startTracing({ endpoint, serviceName }: TracingOptions): Tracing {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: LONGEST_EXPORT });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': serviceName }),
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: LONGEST_EXPORT })],
  });
  // Without baggage: whatever a caller has put there would come to stand in histories.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  const stop = async () => {
    await provider.shutdown().catch(() => {});
    trace.disable();
    context.disable();
    propagation.disable();
  };
  return { flush: () => provider.forceFlush().catch(() => {}), close: stop };
}
