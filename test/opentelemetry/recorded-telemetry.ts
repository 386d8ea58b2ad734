import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node';

/** The SDK, with exporters that keep what they get. */
export class RecordedTelemetry {
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(
    AggregationTemporality.CUMULATIVE,
  );
  readonly #reader = new PeriodicExportingMetricReader({
    exporter: this.#metrics,
    exportIntervalMillis: 3_600_000,
  });

  constructor() {
    new NodeTracerProvider({
      spanProcessors: [new SimpleSpanProcessor(this.#spans)],
    }).register();
    metrics.setGlobalMeterProvider(
      new MeterProvider({ readers: [this.#reader] }),
    );
  }

  /** Those that have ended, in this order. */
  get spans(): ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  span(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (found[0] && found.length === 1) return found[0];
    const names = this.spans.map((span) => span.name).join(', ');
    throw new Error(`${found.length} spans "${name}" among: ${names}`);
  }

  /** The points of a metric, with their attributes. */
  async points(
    metric: string,
  ): Promise<{ attributes: object; value: unknown }[]> {
    return (await this.#collect())
      .filter(({ descriptor }) => descriptor.name === metric)
      .flatMap(({ dataPoints }): { attributes: object; value: unknown }[] => [
        ...dataPoints,
      ]);
  }

  /** Of each metric its name, kind, unit, and attributes. */
  async metrics(): Promise<string[][]> {
    return (await this.#collect()).map((metric) => {
      const { descriptor, dataPoints } = metric;
      const names = dataPoints.flatMap(({ attributes }) =>
        Object.keys(attributes),
      );
      return [
        descriptor.name,
        kindOf(metric),
        descriptor.unit,
        [...new Set(names)].toSorted().join(', '),
      ];
    });
  }

  async #collect(): Promise<MetricData[]> {
    this.#metrics.reset();
    await this.#reader.forceFlush();
    return this.#metrics
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .filter(({ scope }) => scope.name === 'nestjs-tasks')
      .flatMap(({ metrics: all }) => all);
  }

  reset(): void {
    this.#spans.reset();
  }

  async stop(): Promise<void> {
    await this.#reader.shutdown();
  }
}

function kindOf(metric: MetricData): string {
  if (metric.dataPointType !== DataPointType.SUM) {
    return DataPointType[metric.dataPointType].toLowerCase();
  }
  return metric.isMonotonic ? 'counter' : 'up-down counter';
}
