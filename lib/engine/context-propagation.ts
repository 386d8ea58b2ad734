import type { TaskLog } from '../core/task-log.js';
import { messageOf } from '../core/to-error.js';

/**
 * Links a task to what surrounds its call, such as a trace.
 *
 * @publicApi
 */
export interface ContextPropagation {
  /** What travels with a task, taken when it is stored. */
  capture(): Readonly<Record<string, string>>;
  /** Runs `fn` in what was captured. */
  restore<T>(context: Readonly<Record<string, string>>, fn: () => T): T;
}

/** A propagation whose failures are logged: a task runs without its context, too. */
export class ContainedPropagation {
  readonly #propagation: ContextPropagation | undefined;
  readonly #log: TaskLog;

  constructor(propagation: ContextPropagation | undefined, log: TaskLog) {
    this.#propagation = propagation;
    this.#log = log;
  }

  capture(taskName: string): Readonly<Record<string, string>> | undefined {
    try {
      return this.#propagation?.capture();
    } catch (error) {
      this.#report('capture', taskName, error);
      return undefined;
    }
  }

  /** Calls `fn`, which must not throw, once. */
  restore<T>(
    context: Readonly<Record<string, string>> | undefined,
    taskName: string,
    fn: () => T,
  ): T {
    if (!context || !this.#propagation) return fn();
    let called: { result: T } | undefined;
    const call = () => (called ??= { result: fn() }).result;
    try {
      this.#propagation.restore(context, call);
    } catch (error) {
      this.#report('restore', taskName, error);
    }
    return call();
  }

  #report(method: string, taskName: string, error: unknown): void {
    this.#log.error(
      `\`propagation.${method}()\` of TasksModule failed for task "${taskName}", which goes on without its context: ${messageOf(error)}`,
      error,
    );
  }
}
