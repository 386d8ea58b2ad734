import type { Class } from '../base/class.js';
import type { Task } from './task.js';

/**
 * A wrapper around every attempt of a task, as an injectable class.
 *
 * @example
 * ```ts
 * @Injectable()
 * class InTransaction implements TaskInterceptor {
 *   constructor(private readonly database: Database) {}
 *
 *   intercept(_task: Task, next: () => Promise<unknown>) {
 *     return this.database.transaction(async () => void (await next()));
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export interface TaskInterceptor {
  /**
   * Called for each attempt. What it returns, or throws, is what the attempt came to.
   *
   * @param next runs the attempt and resolves with its value, or rejects with its error:
   * always an `Error`, and the reason when the task is cancelled or times out. To be
   * called once at most; a second call rejects with `TaskInterceptorError`.
   */
  intercept(task: Task, next: () => Promise<unknown>): unknown;
}

/**
 * A wrapper around every attempt of a task, as a function.
 *
 * @publicApi
 */
export type TaskInterceptorFunction = (
  task: Task,
  next: () => Promise<unknown>,
) => unknown;

/** A class of interceptors. It differs from a function by `prototype.intercept`. */
export type TaskInterceptorClass = Class<TaskInterceptor>;

/** Interceptors, the outermost first. */
export type TaskInterceptors = readonly (
  TaskInterceptorFunction | Class<TaskInterceptor>
)[];

/** A class of interceptors differs from a function by its `prototype.intercept`. */
export function isInterceptorClass(
  interceptor: TaskInterceptorFunction | TaskInterceptorClass,
): interceptor is TaskInterceptorClass {
  const prototype = interceptor.prototype as
    { intercept?: unknown } | undefined;
  return typeof prototype?.intercept === 'function';
}
