import type { TaskObserver } from './task-event.js';
import type { TaskInterceptorFunction } from './task-interceptor.js';
import type { Task } from './task.js';

/**
 * How many tasks of an application there are now.
 *
 * @publicApi
 */
export interface TaskNumbers {
  /** Those that have been scheduled and do not run, whatever they wait for. */
  readonly scheduled: number;
  /** Those of them that wait for a slot. */
  readonly waiting: number;
  /** Those that run. */
  readonly running: number;
}

/**
 * Traces and measures the tasks of applications: `openTelemetry()` of
 * `nestjs-tasks/opentelemetry`, or an adapter of your own.
 *
 * @publicApi
 */
export interface TaskTelemetry {
  /** Called around every attempt, outside all interceptors. */
  readonly intercept: TaskInterceptorFunction;
  /** Receives every event. */
  readonly observe: TaskObserver;
  /**
   * Called when a durable task is about to be stored, in the async context of its call.
   *
   * @param engine the name of the engine
   * @returns what travels with the task, beside what `propagation` captures
   */
  send(task: Task, engine: string): Readonly<Record<string, string>>;
  /** Runs `fn`, which starts a durable task in a worker, in the context that has travelled. */
  receive<T>(
    context: Readonly<Record<string, string>>,
    engine: string,
    fn: () => T,
  ): T;
  /**
   * Called when an application is created.
   *
   * @returns a function that is called when the application has shut down
   */
  watch(numbers: () => TaskNumbers): () => void;
}
