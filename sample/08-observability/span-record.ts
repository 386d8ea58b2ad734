import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/** What an exporter is given of a span, as far as a trace is drawn from it. */
export interface SpanRecord {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  /** The spans that it is linked to. */
  readonly linkedTo: readonly string[];
  readonly startMs: number;
  readonly durationMs: number;
  readonly error: string | undefined;
  readonly attributes: ReadableSpan['attributes'];
}

/** What a process of the sample tells the one that has started it. */
export type Message = { readonly url?: string } | { readonly span: SpanRecord };

export function recordOf(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    traceId,
    spanId,
    parentId: span.parentSpanContext?.spanId,
    linkedTo: span.links.map(({ context }) => context.spanId),
    startMs: milliseconds(span.startTime),
    durationMs: milliseconds(span.duration),
    error: span.status.message,
    attributes: span.attributes,
  };
}

/** Sends each span to the process that has started this one. */
export const exportToParent: SpanExporter = {
  export(spans, done) {
    for (const span of spans) {
      process.send?.({ span: recordOf(span) } satisfies Message);
    }
    done({ code: 0 });
  },
  shutdown: async () => {},
};

function milliseconds([seconds, nanoseconds]: ReadableSpan['duration']) {
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
