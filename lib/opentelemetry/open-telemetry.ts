import type { TaskTelemetry } from '../core/task/task-telemetry.js';
import { TaskMetrics } from './task-metrics.js';
import { TaskSpans } from './task-spans.js';

/**
 * Traces and measures tasks with OpenTelemetry, for the `telemetry` option of
 * `TasksModule`. It uses the global providers of `@opentelemetry/api`; without an SDK it
 * does nothing. One object serves any number of applications.
 *
 * @example
 * ```ts
 * TasksModule.forRoot({ telemetry: openTelemetry() });
 * ```
 *
 * @publicApi
 */
export function openTelemetry(): TaskTelemetry {
  const spans = new TaskSpans();
  const metrics = new TaskMetrics();
  return {
    intercept: (task, next) =>
      metrics.measure(task, () => spans.trace(task, next)),
    observe(event) {
      spans.observe(event);
      metrics.observe(event);
    },
    send: (task, engine) => spans.send(task, engine),
    receive: (carrier, engine, fn) => spans.receive(carrier, engine, fn),
    watch: (numbers) => metrics.watch(numbers),
  };
}
