import { nameOfFunction } from './function-name.js';
import { whenSettled } from './settled.js';
import type { ScheduledTask } from './scheduled-task.js';
import { runInTask } from './task-context.js';
import type { TaskLog } from './task-log.js';
import type {
  OnError,
  TaskErrorHandler,
  TaskErrorReporter,
  TaskErrorReporterClass,
} from './task-options.js';
import type { Task } from './task.js';
import { messageOf } from './to-error.js';

/** Finds or makes the instance of an error reporter's class. */
export type ResolveReporter = (
  reporter: TaskErrorReporterClass,
) => TaskErrorReporter | Promise<TaskErrorReporter>;

/**
 * Tells error handlers of final failures. Each handler is contained: what it
 * throws, rejects with or waits for touches neither the task nor another handler.
 */
export class ErrorReporting {
  readonly #handlersOf: (task: ScheduledTask) => OnError;
  readonly #resolve: ResolveReporter;
  readonly #log: TaskLog;
  readonly #onEnd: () => void;
  readonly #running = new Set<{ readonly task: Task }>();
  #whenDone: (() => void)[] = [];

  constructor(
    handlersOf: (task: ScheduledTask) => OnError,
    resolve: ResolveReporter,
    log: TaskLog,
    onEnd: () => void,
  ) {
    this.#handlersOf = handlersOf;
    this.#resolve = resolve;
    this.#log = log;
    this.#onEnd = onEnd;
  }

  /** Whether a handler was told, of another task than these, and is not done. */
  isBusy(except?: ReadonlyMap<Task, unknown>): boolean {
    for (const { task } of this.#running) if (!except?.has(task)) return true;
    return false;
  }

  /** The tasks whose handlers are running. */
  get tasks(): ReadonlySet<Task> {
    return new Set([...this.#running].map(({ task }) => task));
  }

  /** Resolves when no handler is running, or none of these tasks. */
  async quiet(of?: ReadonlySet<Task>): Promise<void> {
    const concerns = (task: Task) => !of || of.has(task);
    while ([...this.tasks].some(concerns)) {
      await new Promise<void>((resolve) => this.#whenDone.push(resolve));
    }
  }

  report(task: ScheduledTask, error: Error): void {
    // Busy until all are told: the first may be done before the second is called.
    const report = { task };
    this.#running.add(report);
    for (const handler of [this.#handlersOf(task)].flat()) {
      this.#tell(handler, task, error);
    }
    this.#done(report);
  }

  #tell(
    handler: TaskErrorHandler | TaskErrorReporterClass,
    task: Task,
    error: Error,
  ): void {
    const run = {
      task,
      isOver: false,
      onValue: () => this.#done(run),
      onError: (thrown: unknown) => {
        this.#log.error(
          `The error handler "${nameOfFunction(handler)}" of task "${task.name}" (${task.id}) failed with ` +
            `"${messageOf(thrown)}" when told of "${messageOf(error)}".`,
          thrown,
        );
        this.#done(run);
      },
    };
    this.#running.add(run);
    try {
      runInTask(task, () => whenSettled(this.#call(handler, task, error), run));
    } catch (thrown) {
      run.onError(thrown);
    }
  }

  #done(run: { readonly task: Task }): void {
    if (!this.#running.delete(run)) return;
    this.#onEnd();
    for (const resolve of this.#whenDone.splice(0)) resolve();
  }

  #call(
    handler: TaskErrorHandler | TaskErrorReporterClass,
    task: Task,
    error: Error,
  ): unknown {
    if (!isReporterClass(handler)) return handler(task, error);
    const reporter = this.#resolve(handler);
    return reporter instanceof Promise
      ? reporter.then((resolved) => resolved.handle(task, error))
      : reporter.handle(task, error);
  }
}

/** A class of reporters is told from a function by its `prototype.handle`. */
export function isReporterClass(
  handler: TaskErrorHandler | TaskErrorReporterClass,
): handler is TaskErrorReporterClass {
  const prototype = handler.prototype as { handle?: unknown } | undefined;
  return typeof prototype?.handle === 'function';
}
