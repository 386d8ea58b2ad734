import { createRequire } from 'node:module';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';

/**
 * Starts the SDK of OpenTelemetry. Each span is exported when it ends; in production use a
 * `BatchSpanProcessor` with an OTLP exporter.
 */
export function startTelemetry(exporter: SpanExporter): void {
  new NodeTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  }).register();
  new HttpInstrumentation().enable();
  // The instrumentation patches modules that are required, and NestJS imports this one.
  createRequire(import.meta.url)('node:http');
}
